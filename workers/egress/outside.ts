import { type Dispatcher, request } from 'undici'
import { systemTrust } from '#engine/connection/tls-trust.ts'
import type { AlertLog } from '#workers/notifiers/alert-log.ts'
import { type MailPools, openMailPools } from '#workers/notifiers/mail-pools.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'
import { noteAnswer } from '#workers/notifiers/answered.ts'
import { networkFault } from './network-fault.ts'
import type { Egress, SocketTo, TlsSeen } from './egress.ts'
import type { Trust } from './trust.ts'

/** The world outside, as far as integrations get to see it: guarded, impatient, and never curious about more than it was promised. */
export interface Outside {
  /** Throws a DeliveryError where no answer came; any status is an answer (`refusedBy` judges it). */
  request(outgoing: Outgoing): Promise<OutsideAnswer>
  /** For what is not HTTP; the same guard. Throws a DeliveryError. */
  readonly socketTo: SocketTo
  /** What is open to mail servers, through the same guard. */
  readonly mail: MailPools
  readonly clock: () => Date
  /** Undefined: nobody said where log files may be written. */
  readonly alertLog?: AlertLog
}

interface Outgoing {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly trust?: Trust
  /** For all of it: who answers a byte at a time is late too. */
  readonly timeoutMs?: number
}

export interface OutsideAnswer {
  readonly status: number
  /** Names in lower case; of several of one name the first. */
  readonly headers: Readonly<Record<string, string>>
  /** At most 64 KB of it. */
  readonly text: string
  readonly tookMs: number
  /** Undefined without TLS. */
  readonly tls: TlsSeen | undefined
}

const usualTimeoutMs = 15_000
const mostAnswerBytes = 64 * 1024
const mostHeaders = 100

export function openOutside(egress: Egress, clock: () => Date, alertLog?: AlertLog): Outside {
  const socketTo: SocketTo = async (host, port, timeoutMs = usualTimeoutMs) => {
    try {
      return await egress.socketTo(host, port, timeoutMs)
    } catch (error) {
      throw networkFault(error)
    }
  }
  return {
    clock,
    ...(alertLog && { alertLog }),
    request: (outgoing) => ask(egress, outgoing),
    socketTo,
    mail: openMailPools(socketTo),
  }
}

async function ask(egress: Egress, outgoing: Outgoing): Promise<OutsideAnswer> {
  const { url, method = 'POST', headers = {}, body, trust = systemTrust } = outgoing
  const signal = AbortSignal.timeout(outgoing.timeoutMs ?? usualTimeoutMs)
  const began = performance.now()
  try {
    // undici's `request` follows no redirects, unless one composes that in.
    const answer = await request(url, {
      method,
      headers: { 'user-agent': 'Tocsin', ...headers },
      ...(body !== undefined && { body }),
      dispatcher: egress.agentFor(trust),
      signal,
    })
    // Whoever gives a body up hears of that as an error, which nobody else waits for.
    answer.body.on('error', () => undefined)
    const known = headersOf(answer)
    const text = await readSome(answer, signal)
    const tookMs = Math.round(performance.now() - began)
    noteAnswer({ status: answer.statusCode, snippet: text })
    return {
      status: answer.statusCode,
      headers: known,
      text,
      tookMs,
      tls: egress.tlsAt(trust, new URL(url).origin),
    }
  } catch (error) {
    throw error instanceof DeliveryError ? error : networkFault(error)
  }
}

function headersOf({ headers, body }: Dispatcher.ResponseData): Record<string, string> {
  const named = Object.entries(headers)
  const lines = named.reduce((sum, [, value]) => sum + (Array.isArray(value) ? value.length : 1), 0)
  if (lines > mostHeaders) {
    body.destroy()
    throw new DeliveryError(`It answered with more than ${mostHeaders} headers.`, {
      retry: 'later',
      fault: 'server',
    })
  }
  return Object.fromEntries(
    named.map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']),
  )
}

/** What is beyond is not read, and the connection is given up with it. */
async function readSome({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const giveUp = () => body.destroy(signal.reason)
  signal.addEventListener('abort', giveUp)
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, mostAnswerBytes - size))
      size += chunk.length
      if (size >= mostAnswerBytes) break
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  return Buffer.concat(chunks).toString('utf8')
}
