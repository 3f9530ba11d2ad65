import { once } from 'node:events'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { type EmailSettings, emailPort } from '#engine/connection/email.ts'
import { networkFault } from '#workers/egress/network-fault.ts'
import type { SocketTo } from '#workers/egress/egress.ts'
import { secureSocket } from '#workers/egress/secure-socket.ts'
import type { Trust } from '#workers/egress/trust.ts'
import { DeliveryError } from './notifier.ts'

/** A person has to change something first. */
const configRetryMs = 5 * 60_000
const longestReply = 64 * 1024

/**
 * The way to the mail server, encrypted as the connection asks for. Nodemailer would do STARTTLS by itself, but shows the
 * server's certificate to nobody, so that a pin could not be compared before the password is sent.
 */
export async function openMailSocket(
  socketTo: SocketTo,
  settings: EmailSettings,
  { trust, timeoutMs }: { readonly trust: Trust; readonly timeoutMs: number },
): Promise<Socket> {
  const { host, security } = settings
  const socket = await socketTo(host, emailPort(settings), timeoutMs)
  try {
    if (security === 'none') return socket
    if (security === 'tls') return await secureSocket(socket, { host, trust, timeoutMs })
    await startTls(socket, timeoutMs)
    const secure = await secureSocket(socket, { host, trust, timeoutMs })
    // Who speaks next expects to be greeted; the server greeted before, in the open.
    secure.unshift(Buffer.from('220 Encrypted\r\n'))
    return secure
  } catch (error) {
    socket.destroy()
    throw error instanceof DeliveryError ? error : networkFault(error)
  }
}

/** RFC 3207: what was said before the handshake is forgotten. */
async function startTls(socket: Socket, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  const ask = async (line: string | undefined) => {
    if (line !== undefined) socket.write(`${line}\r\n`)
    return readReply(socket, signal)
  }
  const greeting = await ask(undefined)
  if (greeting.code !== 220) throw putOff(greeting.code)
  const offer = await ask(`EHLO ${/^[\w.-]+$/.test(hostname()) ? hostname() : 'localhost'}`)
  const begun = /^250[ -]STARTTLS\s*$/im.test(offer.text) ? await ask('STARTTLS') : undefined
  if (begun?.code !== 220)
    throw new DeliveryError(
      'The mail server does not offer the encryption that is asked for: check security and port of this connection.',
      { retry: 'later', afterMs: configRetryMs, fault: 'config' },
    )
}

function putOff(code: number): DeliveryError {
  return new DeliveryError(`The mail server puts it off. It answered ${code}.`, {
    retry: 'later',
    fault: 'server',
  })
}

/** As many lines as there are until one has a space behind its code (RFC 5321 4.2.1). */
async function readReply(socket: Socket, signal: AbortSignal): Promise<{ code: number; text: string }> {
  let text = ''
  while (!/(^|\n)\d{3}( [^\n]*)?\r?\n$/.test(text)) {
    text += await nextText(socket, signal)
    if (text.length > longestReply) throw new Error('the mail server says too much')
  }
  return { code: Number(text.slice(0, 3)), text }
}

async function nextText(socket: Socket, signal: AbortSignal): Promise<string> {
  const gone = new AbortController()
  const close = () => gone.abort(new Error('the mail server hung up'))
  socket.once('close', close)
  try {
    const heard = once(socket, 'data', { signal: AbortSignal.any([signal, gone.signal]) })
    socket.resume()
    const [chunk] = (await heard) as [Buffer]
    return chunk.toString('latin1')
  } finally {
    socket.pause().off('close', close)
  }
}
