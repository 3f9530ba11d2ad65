import { afterAll, beforeAll, expect, test } from 'vitest'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { readColumns } from '#workers/telemetry/native-columns.ts'

let telemetry: TestTelemetry

beforeAll(async () => {
  telemetry = await testTelemetry()
})
afterAll(() => telemetry.close())

/** Some names, numbers and lists for each row; more different names than a byte can count. */
function query(rows: number): string {
  return `SELECT toUInt8(number % 251) AS tiny, toUInt16(number * 7) AS small, toUInt32(number * 65537) AS middle, number / 3 AS broken,
    CAST(concat('größe-', toString(number % 300)), 'LowCardinality(String)') AS name,
    arrayMap(one -> toUInt32(one + number), range(number % 3)) AS list FROM numbers(${rows})`
}

test.each([
  ['none', 0],
  ['one', 1],
  ['a block', 1000],
  ['several blocks, whose names are numbered anew in each', 150_000],
])('columns of rows: %s', async (_what, rows) => {
  const columns = await telemetry.store.columns(query(rows))
  expect(columns.rows).toBe(rows)
  const { different, places } = columns.names('name')
  const { starts, values } = columns.lists('list')
  const wrong = Array.from({ length: rows }, (_, row) => row).filter(
    (row) =>
      columns.numbers('tiny')[row] !== row % 251 ||
      columns.numbers('small')[row] !== (row * 7) % 65_536 ||
      columns.numbers('middle')[row] !== (row * 65_537) % 2 ** 32 ||
      columns.numbers('broken')[row] !== row / 3 ||
      different[places[row] ?? -1] !== `größe-${row % 300}` ||
      [...values.subarray(starts[row], starts[row + 1])].join() !== [row, row + 1].slice(0, row % 3).join(),
  )
  expect(wrong).toEqual([])
  expect(new Set(different).size).toBe(different.length)
})

test('hundreds of blocks are put together, row by row', async () => {
  const grouped = `SELECT toUInt32(number) AS middle, CAST(toString(number % 9), 'LowCardinality(String)') AS name, count() > 1 AS tiny,
    groupArray(toUInt32(number)) AS list FROM numbers(200000) GROUP BY number SETTINGS group_by_two_level_threshold = 1`
  const columns = await telemetry.store.columns(`SELECT * FROM (${grouped})`)
  const { starts, values } = columns.lists('list')
  const middle = columns.numbers('middle')
  expect(new Set(middle).size).toBe(200_000)
  expect(values).toHaveLength(200_000)
  const { different, places } = columns.names('name')
  const wrong = [...middle.keys()].filter(
    (row) =>
      values[starts[row] ?? -1] !== middle[row] ||
      different[places[row] ?? -1] !== String((middle[row] ?? 0) % 9),
  )
  expect(wrong).toEqual([])
})

test('a type that nobody reads, and a column that is not there, are said by name', async () => {
  await expect(telemetry.store.columns('SELECT toInt64(1) AS number')).rejects.toThrow(/of type Int64/)
  const columns = await telemetry.store.columns('SELECT toUInt8(1) AS number')
  expect(() => columns.names('number')).toThrow('there is no column number of names: there are number')
})

test('an answer that ends too early is no answer', () => {
  const bytes = [1, 2, ...text('number'), ...text('UInt32'), 1, 0, 0, 0, 2]
  expect(() => readColumns(Uint8Array.from(bytes))).toThrow(/ends in the middle/)
})

test('a query that fails says why, as ever', async () => {
  await expect(telemetry.store.columns('SELECT nothing')).rejects.toThrow(/UNKNOWN_IDENTIFIER/)
})

function text(word: string): number[] {
  return [word.length, ...Buffer.from(word)]
}
