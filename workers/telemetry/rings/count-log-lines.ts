import type { LogsQuestion } from '#engine/telemetry/telemetry.ts'
import { type LineNames, LogKeys } from '#workers/telemetry/log-patterns/log-keys.ts'
import { lineColumns, matchingLines } from '#workers/telemetry/log-patterns/matching-lines.ts'
import { numbered, type PatternScan } from '#workers/telemetry/log-patterns/pattern-scan.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { bucketOfRow, endOf, type Grid } from './grid.ts'

interface CountedLines extends Omit<LineNames, 'pattern'> {
  readonly bucket: number
  readonly pattern: number
  readonly count: number
}

interface Counting {
  readonly questions: readonly LogsQuestion[]
  readonly scan: PatternScan
  readonly grid: Grid
  /** Of buckets, ascending. */
  readonly numbers: readonly number[]
}

/** Of each question, in their order, how many lines it counts in these buckets, where there are any. */
export async function countLogLines(
  store: TelemetryStore,
  { questions, scan, grid, numbers }: Counting,
): Promise<readonly ReadonlyMap<number, number>[]> {
  const [first = 0] = numbers
  const last = numbers.at(-1) ?? first
  const span = { from: endOf(grid, first - 1), to: endOf(grid, last) }
  const bucket = bucketOfRow(grid)
  const isWhole = numbers.length === last - first + 1
  const lines = matchingLines(questions, {
    scan,
    span,
    ...(!isWhole && { where: `${bucket} IN (${numbers.join(', ')})` }),
  })
  const rows = await store.query<CountedLines>(
    `SELECT ${bucket} AS bucket, ${lineColumns}, toUInt32(count()) AS count FROM (${lines}) GROUP BY bucket, ${lineColumns}`,
  )
  const keys = new LogKeys()
  const keyOfEach = questions.map((question) => keys.add(question))
  const counts = Array.from({ length: keys.size }, () => new Map<number, number>())
  const patterns = numbered(scan)
  for (const { bucket, count, pattern, ...names } of rows)
    for (const key of keys.counting({ ...names, pattern: patterns[pattern] ?? '' })) {
      const own = counts[key]
      own?.set(bucket, (own.get(bucket) ?? 0) + count)
    }
  return keyOfEach.map((key) => counts[key] ?? new Map<number, number>())
}
