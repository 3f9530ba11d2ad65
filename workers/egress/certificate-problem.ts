import { WrongCertificate } from './trust.ts'

/** What Node and OpenSSL call it → what somebody has to do about it. */
const problems: readonly (readonly [code: RegExp, problem: string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'Its certificate has expired: whoever runs it has to renew it.'],
  [
    /^CERT_NOT_YET_VALID$/,
    'Its certificate is not valid yet: compare the clock of this machine with the right time.',
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'Its certificate is for another name: write the host as the certificate has it.',
  ],
  [
    /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_(GET_ISSUER|VERIFY))/,
    'Nobody we believe vouches for its certificate: choose CUSTOM_CA with the authority that does, or PINNED.',
  ],
  [
    /^ERR_SSL_.*ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/,
    'It broke off the handshake, most likely for want of a certificate of ours: choose CLIENT_CERTIFICATE.',
  ],
  [
    /^ERR_SSL_.*ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|ACCESS_DENIED)$/,
    'It does not believe the certificate we show: enter another one, with its key.',
  ],
  [
    /^ERR_OSSL_X509_/,
    'Our own certificate and its private key do not belong together, or cannot be read: enter both anew.',
  ],
  [/^ERR_OSSL_/, 'A certificate or key that was entered for it cannot be read: enter it anew, whole.'],
  [/^(CERT_|ERR_TLS_CERT|ERR_SSL_.*CERT)/, 'Its certificate is not one to believe.'],
]

/** Why the two ends did not come to trust each other, in words; undefined = it was something else. */
export function certificateProblem(chain: readonly Error[]): string | undefined {
  const wrong = chain.find((one) => one instanceof WrongCertificate)
  if (wrong) return wrong.message
  for (const one of chain) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : ''
    const [, problem] = problems.find(([known]) => known.test(code)) ?? []
    if (problem !== undefined) return `${problem} (${code}; see tls of this connection)`
  }
  return undefined
}
