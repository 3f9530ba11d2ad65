import { createHash } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, TLSSocket } from 'node:tls'
import { isPinned, type Trust, trustOptions, WrongCertificate } from './trust.ts'

/** A socket that is open already, from now on with TLS; nothing is sent to whom the trust does not hold for. */
export function secureSocket(
  socket: Socket,
  { host, trust, timeoutMs }: { readonly host: string; readonly trust: Trust; readonly timeoutMs: number },
): Promise<TLSSocket> {
  return new Promise((secured, failed) => {
    const secure = connect({
      ...trustOptions(trust),
      socket,
      host,
      // An address is no name to ask for.
      ...(isIP(host) === 0 && { servername: host }),
      minVersion: 'TLSv1.2',
    })
    const fail = (error: Error) => {
      clearTimeout(late)
      secure.destroy()
      failed(error)
    }
    const late = setTimeout(
      () => fail(new Error(`${host} did not come to terms within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    secure.once('error', fail).once('secureConnect', () => {
      clearTimeout(late)
      const wrong = wrongCertificate(trust, secure)
      if (wrong) return fail(wrong)
      secure.off('error', fail)
      secured(secure)
    })
  })
}

/** A pin is compared once the handshake is done, before anything is sent. */
export function wrongCertificate(trust: Trust, socket: Socket): WrongCertificate | undefined {
  if (trust.mode !== 'PINNED') return undefined
  const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined
  return shown && isPinned(trust, createHash('sha256').update(shown).digest())
    ? undefined
    : new WrongCertificate()
}
