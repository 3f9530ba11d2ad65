import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { openRation, type Ration } from './ration.ts'

export interface VendorRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** As it came. */
  readonly raw: string
  /** Undefined where it is no JSON. */
  readonly body: unknown
}

export interface VendorAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What the next requests run into, first come first served. */
export type VendorTrouble = VendorAnswer | 'hang up' | 'take it and hang up'

export interface FakeVendor {
  readonly url: string
  readonly next: VendorTrouble[]
  /** As `POST /v2/enqueue 202`. */
  readonly log: string[]
  /** What it would not take, and why: a test that sends well-formed things finds nothing in here. */
  readonly complaints: string[]
  readonly close: () => Promise<void>
}

/**
 * A vendor on loopback, spoken to over real HTTP; what it keeps and what it refuses is its own affair. `ration`: whatever is more
 * is answered 429, with the time there is room again.
 */
export async function openFakeVendor(
  answer: (request: VendorRequest, complain: (why: string) => void) => VendorAnswer,
  ration?: Ration,
): Promise<FakeVendor> {
  const rationed = ration && openRation(ration)
  const answerInTime: typeof answer = (request, complain) => {
    const waitMs = rationed?.(request.method) ?? 0
    if (waitMs === 0) return answer(request, complain)
    complain('it came too early')
    const seconds = Math.ceil(waitMs / 1000)
    return { status: 429, headers: { 'retry-after': String(seconds) }, body: { retry_after: seconds } }
  }
  const next: VendorTrouble[] = []
  const log: string[] = []
  const complaints: string[] = []
  const server = createServer((incoming, response) => {
    void text(incoming).then((raw) => {
      const url = new URL(incoming.url ?? '/', 'http://vendor')
      const { method = 'GET', headers } = incoming
      const request = { method, path: url.pathname, query: url.searchParams, headers, raw, body: parsed(raw) }
      const trouble = next.shift()
      if (trouble === 'hang up') return void incoming.socket.destroy()
      const given =
        typeof trouble === 'object'
          ? trouble
          : answerInTime(request, (why) => complaints.push(`${method} ${url.pathname}: ${why}`))
      log.push(`${method} ${url.pathname} ${given.status}`)
      if (trouble === 'take it and hang up') return void incoming.socket.destroy()
      const isText = typeof given.body === 'string'
      response.writeHead(given.status, {
        'content-type': isText ? 'text/plain' : 'application/json',
        ...given.headers,
      })
      response.end(isText || given.body === undefined ? given.body : JSON.stringify(given.body))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    next,
    log,
    complaints,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}
