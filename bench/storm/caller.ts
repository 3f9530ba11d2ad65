import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { monotonicMs } from './clock.ts'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly startedAtMs: number
  readonly endedAtMs: number
}

/** A client that keeps its connections. */
export interface Caller {
  post(path: string, body: string): Promise<Reply>
  get(path: string): Promise<Reply>
  close(): void
}

const patienceMs = 60_000

interface CallerOptions {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
}

export function openCaller({ origin, headers }: CallerOptions): Caller {
  const agent = new Agent({ keepAlive: true })
  const call = async (method: string, path: string, body?: string): Promise<Reply> => {
    const content = body === undefined ? {} : { 'content-type': 'application/json' }
    const startedAtMs = monotonicMs()
    const asking = request(new URL(path, origin), {
      method,
      agent,
      headers: { ...headers, ...content },
      signal: AbortSignal.timeout(patienceMs),
    })
    asking.end(body)
    const [answer] = await once(asking, 'response')
    const chunks: Buffer[] = await answer.toArray()
    const endedAtMs = monotonicMs()
    const text = Buffer.concat(chunks).toString()
    return { status: answer.statusCode, headers: answer.headers, body: text, startedAtMs, endedAtMs }
  }
  return {
    post: (path, body) => call('POST', path, body),
    get: (path) => call('GET', path),
    close: () => agent.destroy(),
  }
}
