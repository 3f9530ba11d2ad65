import { type Question, type Slots, slotInstant } from '#engine/telemetry/telemetry.ts'

/**
 * (from, to] in a form ClickHouse can prune: a bound on `ts` alone reads every granule of a minute-first table, so the
 * redundant bound on the minute goes with it (ClickHouse issue 33056).
 */
export const inWindow =
  "toStartOfMinute(ts) >= toStartOfMinute({from:DateTime64(3, 'UTC')}) AND toStartOfMinute(ts) <= toStartOfMinute({to:DateTime64(3, 'UTC')})" +
  " AND ts > {from:DateTime64(3, 'UTC')} AND ts <= {to:DateTime64(3, 'UTC')}"

/**
 * The slots whose windows hold the row: window (slot − window, slot] holds ts for the slots in [ts, ts + window). Joined
 * to each row, so that one scan answers every slot exactly, quantiles included.
 */
export const slotsOfRow =
  'arrayFilter(slot -> slot >= 0 AND slot < {slots:Int32}, range(' +
  'toInt32(greatest(0, ceil((toUnixTimestamp64Milli(ts) - {first:Int64}) / {step:Int64}))),' +
  'toInt32(greatest(0, ceil((toUnixTimestamp64Milli(ts) + {window:Int64} - {first:Int64}) / {step:Int64})))))'

export function traceParameters(question: Question, slots: Slots): Record<string, unknown> {
  const last = slotInstant(slots, slots.count - 1)
  return {
    from: clickHouseInstant(new Date(slots.from.getTime() - question.windowSeconds * 1000)),
    to: clickHouseInstant(last),
    first: slots.from.getTime(),
    step: slots.stepSeconds * 1000,
    window: question.windowSeconds * 1000,
    slots: slots.count,
  }
}

/** `2026-11-21 03:04:05.678`, UTC: the relations keep their instants in that zone. */
export function clickHouseInstant(at: Date): string {
  return at.toISOString().replace('T', ' ').replace('Z', '')
}
