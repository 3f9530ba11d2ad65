import { RE2JS } from 're2js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LogsQuestion, type Telemetry, TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { openTelemetryStore } from '#workers/telemetry/store.ts'
import { telemetryOf } from '#workers/telemetry/telemetry.ts'

let telemetry: TestTelemetry
let reader: Telemetry

beforeAll(async () => {
  telemetry = await testTelemetry()
  reader = telemetryOf({ clickhouse: clickHouseTelemetry(telemetry.store) })
})
afterAll(() => telemetry.close())

function about(pattern: string): LogsQuestion {
  return { about: 'logs', environment: 'prod', levels: ['ERROR'], pattern, windowSeconds: 60 }
}

test.each(['Timeout', '(?i)user=.* failed', '^ERROR: \\d+ ms$'])('nothing is against %s', async (pattern) => {
  expect(await reader.objectionTo?.(about(pattern))).toBeUndefined()
})

test.each([
  ['because nobody has shown that both engines think alike', '(?m)^foo$', /none of those/],
  ['because Vectorscan finds it too large', 'foo.{1,500}bar', /together with others: .*too slow/],
  ['because Vectorscan says it can never match', '\\n\\b日本語', /can never match/],
])('a pattern is dear %s: %s', async (_why, pattern, because) => {
  expect(await reader.objectionTo?.(about(pattern))).toEqual({
    isRefusal: false,
    field: 'pattern',
    because: expect.stringMatching(because) as string,
  })
})

test('what our own RE2 takes and ClickHouse does not is refused with its reason', async () => {
  const pattern = '(?:\\pL{100}){10}'
  RE2JS.compile(pattern)
  expect(await reader.objectionTo?.(about(pattern))).toMatchObject({
    isRefusal: true,
    because: expect.stringMatching(
      /^The pattern cannot be run: ClickHouse at .* refused the query: /,
    ) as string,
  })
})

test('a store that is away has nothing to say about patterns', async () => {
  const away = clickHouseTelemetry(openTelemetryStore({ url: 'http://127.0.0.1:9' }))
  await expect(away.objectionTo?.(about('foo'))).rejects.toBeInstanceOf(TelemetryUnavailable)
})
