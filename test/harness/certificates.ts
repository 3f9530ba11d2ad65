import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/*
 * Certificates as authorities make them (X.509 v3, RFC 5280), in as many lines as tests need: Node can sign but not
 * certify, and no program or package has to be there for it.
 */

export interface Certified {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
  /** Hex. */
  readonly sha256: string
}

export interface Authority extends Certified {
  /** A certificate of theirs; for 127.0.0.1 and from yesterday until tomorrow, unless said otherwise. */
  certify(wish?: Wish): Certified
}

interface Wish {
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  readonly from?: Date
  readonly until?: Date
}

const dayMs = 86_400_000

export function anAuthority(name = "A test's authority"): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [from, until] = around()
  const extensions = [
    extension('551d13', true, sequence(boolean)),
    extension('551d0f', true, bits(Buffer.from([0x06]), 1)),
  ]
  const own = { subject: name, issuer: name, from, until, extensions }
  return {
    ...issue(own, keys, keys.privateKey),
    certify: ({ names = [], addresses = ['127.0.0.1'], ...times } = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const alternatives = sequence(
        ...names.map((one) => element(0x82, Buffer.from(one))),
        ...addresses.map((one) => element(0x87, Buffer.from(one.split('.').map(Number)))),
      )
      const wish = {
        subject: names[0] ?? addresses[0] ?? 'nobody',
        issuer: name,
        from,
        until,
        ...times,
        extensions: [extension('551d11', false, alternatives)],
      }
      return issue(wish, { publicKey, privateKey }, keys.privateKey)
    },
  }
}

function around(): [Date, Date] {
  return [new Date(Date.now() - dayMs), new Date(Date.now() + dayMs)]
}

interface Content {
  readonly subject: string
  readonly issuer: string
  readonly from: Date
  readonly until: Date
  readonly extensions: readonly Buffer[]
}

function issue(
  { subject, issuer, from, until, extensions }: Content,
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  by: KeyObject,
): Certified {
  const signed = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    named(issuer),
    sequence(time(from), time(until)),
    named(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions)),
  )
  const der = sequence(signed, ecdsaWithSha256, bits(sign('sha256', signed, by)))
  const lines = der.toString('base64').replaceAll(/(.{64})/g, '$1\n')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha256: createHash('sha256').update(der).digest('hex'),
  }
}

/** DER: what it is, how long, and what is in it. */
function element(tag: number, ...inside: readonly Buffer[]): Buffer {
  const content = Buffer.concat(inside)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...inside: readonly Buffer[]): Buffer {
  return element(0x30, ...inside)
}

function bits(content: Buffer, unused = 0): Buffer {
  return element(0x03, Buffer.from([unused]), content)
}

function identifier(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'))
}

function extension(id: string, isCritical: boolean, content: Buffer): Buffer {
  return sequence(identifier(id), ...(isCritical ? [boolean] : []), element(0x04, content))
}

const boolean = element(0x01, Buffer.from([0xff]))
const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))

/** A common name and nothing else. */
function named(name: string): Buffer {
  return sequence(element(0x31, sequence(identifier('550403'), element(0x0c, Buffer.from(name)))))
}

function time(at: Date): Buffer {
  return element(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
}
