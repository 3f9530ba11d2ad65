import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { TelemetryUnavailable, Unanswerable } from '#engine/telemetry/telemetry.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'

// A store that misbehaves in ways a healthy engine does not; how a healthy one answers is in the other tests here.

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function storeAnswering(answer: RequestListener, requestTimeoutMs?: number): Promise<TelemetryStore> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://us:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}`
  const store = openTelemetryStore({ url, ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }) })
  closing.push(
    () => store.close(),
    async () => server.closeAllConnections(),
    async () => server.close(),
  )
  return store
}

const exception = (status: number, text: string) =>
  storeAnswering((_, response) => {
    const code = /\d+/.exec(text)?.[0] ?? ''
    response.writeHead(status, { 'x-clickhouse-exception-code': code }).end(text)
  })

async function faultOf(store: TelemetryStore): Promise<Error> {
  const fault = await store.query('SELECT 1').then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(fault).toBeInstanceOf(Error)
  return fault as Error
}

describe('the store is at fault', () => {
  test.each([
    [
      'nobody listens',
      'unreachable',
      async () => openTelemetryStore({ url: 'http://us:hunter2@127.0.0.1:9' }),
    ],
    ['the connection breaks', 'unreachable', () => storeAnswering((request) => request.socket.destroy())],
    [
      'a proxy answers for it',
      'unreachable',
      () => storeAnswering((_, response) => response.writeHead(502).end('<h1>Bad gateway</h1>')),
    ],
    ['it never answers', 'slow', () => storeAnswering(() => undefined, 200)],
    [
      'it gave up in time',
      'slow',
      () => exception(408, 'Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)'),
    ],
    [
      'it has too much to do',
      'overloaded',
      () => exception(503, 'Code: 202. DB::Exception: Too many. (TOO_MANY_SIMULTANEOUS_QUERIES)'),
    ],
    [
      'its memory is full',
      'overloaded',
      () =>
        exception(500, 'Code: 241. DB::Exception: (total) memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)'),
    ],
    [
      'it does not know us',
      'refused',
      () => exception(403, 'Code: 516. DB::Exception: us: Authentication failed. (AUTHENTICATION_FAILED)'),
    ],
    [
      'it grants us nothing',
      'refused',
      () => exception(500, 'Code: 497. DB::Exception: us: Not enough privileges. (ACCESS_DENIED)'),
    ],
  ])('when %s: %s', async (_, because, open) => {
    const store = await open()
    const fault = await faultOf(store)
    expect(fault).toBeInstanceOf(TelemetryUnavailable)
    expect(fault).toMatchObject({ because })
    expect(fault.message).toMatch(/^ClickHouse at 127\.0\.0\.1:\d+ /)
    expect(`${fault.message} ${String(fault.cause)}`).not.toContain('hunter2')
    await expect(store.ping()).rejects.toBeInstanceOf(TelemetryUnavailable)
  })
})

describe('the query is at fault', () => {
  test.each([
    ['Code: 60. DB::Exception: No such table. (UNKNOWN_TABLE)', /UNKNOWN_TABLE 60: No such table/],
    ['Code: 164. DB::Exception: Cannot modify setting in readonly mode. (READONLY)', /readonly = 2/],
  ])('%s', async (text, message) => {
    const fault = await faultOf(await exception(500, text))
    expect(fault).not.toBeInstanceOf(TelemetryUnavailable)
    expect(fault.message).toMatch(message)
  })

  test.each([
    'Code: 241. DB::Exception: Query memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)',
    'Code: 158. DB::Exception: Limit for rows to read exceeded. (TOO_MANY_ROWS)',
  ])('and asks for more than the store allows: %s', async (text) => {
    const fault = await faultOf(await exception(500, text))
    expect(fault).toBeInstanceOf(Unanswerable)
    expect(fault.message).toMatch(
      /ask about less, an app or a shorter window, or raise its limits \((MEM|TOO)/,
    )
  })
})

test('the server is told to give up before the client does', async () => {
  const asked: URLSearchParams[] = []
  const store = await storeAnswering((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://store').searchParams)
    response.end()
  }, 12_000)
  await store.query('SELECT 1')
  expect(asked[0]?.get('max_execution_time')).toBe('10')
})

test('a question nobody waits for any more fails with the reason it was given up for', async () => {
  const store = await storeAnswering(() => undefined)
  const patience = new AbortController()
  const asked = store.query('SELECT 1', {}, patience.signal)
  patience.abort(new Error('The rule was deleted'))
  await expect(asked).rejects.toThrow('The rule was deleted')
})
