import type { LogsQuestion } from '#engine/telemetry/telemetry.ts'
import { instantLiteral } from '#workers/telemetry/literal.ts'
import { type LineNames, LogKeys } from '#workers/telemetry/log-patterns/log-keys.ts'
import { lineColumns, matchingLines } from '#workers/telemetry/log-patterns/matching-lines.ts'
import { numbered, type PatternScan } from '#workers/telemetry/log-patterns/pattern-scan.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type CellCount, cellKey } from './cell-line.ts'
import { bucketMs, bucketOfRow, endOf, type Grid, sliceOfRow } from './grid.ts'

interface CountedLines extends Omit<LineNames, 'pattern'>, CellCount {
  readonly pattern: number
}

interface Counting {
  readonly questions: readonly LogsQuestion[]
  readonly scan: PatternScan
  readonly grid: Grid
  /** Of buckets, ascending. */
  readonly numbers: readonly number[]
  /** Lines taken in before this slice are not told apart by theirs. */
  readonly sinceSlice: number
  /** Lines that were taken in within these, and no others. */
  readonly slices?: readonly number[]
}

/** Of each question, in their order, how many lines it counts in these buckets, where there are any. */
export async function countLogLines(
  store: TelemetryStore,
  counting: Counting,
): Promise<readonly (readonly CellCount[])[]> {
  const { questions, scan } = counting
  const rows = await store.query<CountedLines>(countingQuery(counting))
  const keys = new LogKeys()
  const keyOfEach = questions.map((question) => keys.add(question))
  const counts = Array.from({ length: keys.size }, () => new Map<string, CellCount>())
  const patterns = numbered(scan)
  for (const { slice, bucket, count, pattern, ...names } of rows)
    for (const key of keys.counting({ ...names, pattern: patterns[pattern] ?? '' })) {
      const cell = cellKey({ slice, bucket })
      const before = counts[key]?.get(cell)?.count ?? 0
      counts[key]?.set(cell, { slice, bucket, count: before + count })
    }
  return keyOfEach.map((key) => [...(counts[key]?.values() ?? [])])
}

function countingQuery({ questions, scan, grid, numbers, sinceSlice, slices }: Counting): string {
  const [first = 0] = numbers
  const last = numbers.at(-1) ?? first
  const span = { from: endOf(grid, first - 1), to: endOf(grid, last) }
  const bucket = bucketOfRow(grid)
  const isWhole = numbers.length === last - first + 1
  const where = [
    ...(isWhole ? [] : [`${bucket} IN (${numbers.join(', ')})`]),
    ...(slices ? [isTakenInWithin(slices)] : []),
  ].join(' AND ')
  const lines = matchingLines(questions, { scan, span, ...(where !== '' && { where }) })
  return (
    `SELECT if(${sliceOfRow} < ${sinceSlice}, 0, ${sliceOfRow}) AS slice, ${bucket} AS bucket, ${lineColumns}, toUInt32(count()) AS count` +
    ` FROM (${lines}) GROUP BY slice, bucket, ${lineColumns}`
  )
}

/** The bound on the instant is what ClickHouse can skip by. */
function isTakenInWithin(slices: readonly number[]): string {
  const [first = 0] = slices.toSorted((one, other) => one - other)
  return `ingested_at > ${instantLiteral(first * bucketMs - 1)} AND ${sliceOfRow} IN (${slices.join(', ')})`
}
