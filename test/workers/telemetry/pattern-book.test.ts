import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { openPatternBook, type PatternBook } from '#workers/telemetry/log-patterns/pattern-book.ts'
import { foundNumbers, numbered, patternLists } from '#workers/telemetry/log-patterns/pattern-scan.ts'

let telemetry: TestTelemetry
let book: PatternBook
let compiled: number
let isAway: boolean
let now: number

beforeAll(async () => {
  telemetry = await testTelemetry()
})
afterAll(() => telemetry.close())

beforeEach(() => {
  compiled = 0
  isAway = false
  now = 0
  const store = {
    ...telemetry.store,
    query: async <Row>(sql: string, params?: Record<string, unknown>) => {
      compiled++
      if (isAway) throw new TelemetryUnavailable('clickhouse', 'unreachable', 'ClickHouse is away')
      return telemetry.store.query<Row>(sql, params)
    },
  }
  book = openPatternBook(store, () => now)
})

const many = (count: number) => Array.from({ length: count }, (_, index) => `Exception E${index} `)
/** The engine says only when it compiles it that it is too slow. */
const refused = 'foo.{1,500}bar'

async function found(patterns: readonly string[], message: string): Promise<string[]> {
  const scan = await book.standingScanFor(patterns)
  const [row] = await telemetry.store.query<{ numbers: number[] }>(
    `${patternLists(scan)}SELECT ${foundNumbers(scan)} AS numbers FROM (SELECT materialize('${message}') AS message)`,
  )
  return (row?.numbers ?? []).map((number) => numbered(scan)[number] ?? '').sort()
}

test('a pattern that the store refuses is looked for by itself, and the others stay together', async () => {
  const { automata, slow } = await book.scanFor([...many(50), refused, ...many(90).slice(50)])
  expect(automata.map((patterns) => patterns.length)).toEqual([90])
  expect(slow).toEqual([refused])
  await book.scanFor([...many(90), refused])
  const before = compiled
  expect((await book.scanFor([...many(90), refused])).slow).toEqual([refused])
  expect(compiled).toBe(before)
})

test('a handful is not worth compiling', async () => {
  expect(await book.scanFor(many(4))).toEqual({ automata: [], slow: many(4) })
  expect(compiled).toBe(0)
})

test('new patterns wait in a list of their own, and join the large one when nobody has added any for a while', async () => {
  await book.standingScanFor(many(100))
  await vi.waitFor(async () => {
    const { automata } = await book.standingScanFor([...many(100), 'brand new'])
    expect(automata.map((patterns) => patterns.length)).toEqual([100, 1])
  })
  now += 299_000
  expect((await book.standingScanFor([...many(100), 'brand new', 'newer'])).automata.length).toBe(2)
  now += 299_000
  expect((await book.standingScanFor([...many(100), 'brand new', 'newer'])).automata.length).toBe(2)
  now += 2_000
  await vi.waitFor(async () => {
    const { automata } = await book.standingScanFor([...many(100), 'brand new', 'newer'])
    expect(automata.map((patterns) => patterns.length)).toEqual([102])
  })
})

test('whichever list a pattern is in, it is found', async () => {
  await book.standingScanFor(many(100))
  const patterns = [...many(100), 'brand new', refused, 'end$']
  await vi.waitFor(async () => expect((await book.standingScanFor(patterns)).automata.length).toBe(2))
  expect(await found(patterns, 'Exception E7 of a brand new foo and bar at the end')).toEqual(
    ['Exception E7 ', 'brand new', refused, 'end$'].sort(),
  )
  expect(await found(patterns, 'nothing')).toEqual([])
})

test('a store that is away refuses no pattern: it is asked again', async () => {
  isAway = true
  await expect(book.standingScanFor(many(100))).rejects.toBeInstanceOf(TelemetryUnavailable)
  isAway = false
  const { automata, slow } = await book.standingScanFor(many(100))
  expect(automata.map((patterns) => patterns.length)).toEqual([100])
  expect(slow).toEqual([])
})
