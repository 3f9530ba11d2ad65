import type { ExecutionsAnswer, ExecutionsQuestion, Slots } from '#engine/telemetry/telemetry.ts'
import { figuresIn, hasEnded, isNamed } from './executions.ts'
import { RankTracker } from './rings/rank-tracker.ts'
import type { TelemetryStore } from './store.ts'
import { bySlot, type Run, runsOfSlots, sumOf } from './window.ts'

interface ExecutionsRun extends Run {
  readonly count: number
  readonly failed: number
  readonly durationMs: number
}

export async function traceExecutions(
  store: TelemetryStore,
  question: ExecutionsQuestion,
  slots: Slots,
): Promise<ExecutionsAnswer[]> {
  const { columns, where } = runsOfSlots(question, slots)
  const rows = await store.query<Run & Record<'count' | 'failed' | 'duration', string>>(
    `SELECT ${columns}, count() AS count, countIf(status = 'FAILED') AS failed, sum(duration_ms) AS duration FROM executions` +
      ` WHERE ${where} AND ${hasEnded}${isNamed(question)} GROUP BY first_slot, after_slot`,
  )
  const runs = rows.map(({ count, failed, duration, ...run }): ExecutionsRun => ({
    ...run,
    count: Number(count),
    failed: Number(failed),
    durationMs: Number(duration),
  }))
  const p99s = question.withP99 ? await traceP99(store, question, slots) : []
  return bySlot(runs, slots).map((held, slot) => {
    const figures = figuresIn({
      count: sumOf(held, ({ count }) => count),
      failed: sumOf(held, ({ failed }) => failed),
      durationMs: sumOf(held, ({ durationMs }) => durationMs),
      p99DurationMs: p99s[slot] ?? null,
    })
    return { about: 'executions', early: figures, settled: figures }
  })
}

/** Each different duration of a run counts once, however many took as long: they are told by the thousand, not by the million. */
async function traceP99(
  store: TelemetryStore,
  question: ExecutionsQuestion,
  slots: Slots,
): Promise<(number | null)[]> {
  const { columns, where } = runsOfSlots(question, slots)
  const found = await store.columns(
    `SELECT ${columns}, toUInt32(duration_ms) AS duration, toUInt32(count()) AS count FROM executions` +
      ` WHERE ${where} AND ${hasEnded}${isNamed(question)} GROUP BY first_slot, after_slot, duration`,
  )
  const [firsts, afters, durations, counts] = ['first_slot', 'after_slot', 'duration', 'count'].map((name) =>
    found.numbers(name),
  )
  const places = Array.from({ length: found.rows }, (_, place) => place).filter(
    (place) => (firsts?.[place] ?? 0) < (afters?.[place] ?? 0),
  )
  const entering = Map.groupBy(places, (place) => firsts?.[place])
  const leaving = Map.groupBy(places, (place) => afters?.[place])
  const inside = new RankTracker()
  let count = 0
  const move = (some: readonly number[] = [], times: 1 | -1) => {
    for (const place of some) {
      inside.change(durations?.[place] ?? 0, times * (counts?.[place] ?? 0))
      count += times * (counts?.[place] ?? 0)
    }
  }
  return Array.from({ length: slots.count }, (_, slot) => {
    move(entering.get(slot), 1)
    move(leaving.get(slot), -1)
    return count === 0 ? null : inside.fromTop(count - 1 - Math.floor(0.99 * count))
  })
}
