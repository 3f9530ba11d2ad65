import { type Question, type Slots, slotInstant } from '#engine/telemetry/telemetry.ts'
import { isScanned } from './span.ts'

/** Rows that are in the windows of the same slots: of those from the first one up to, but not with, another. */
export interface Run {
  readonly first_slot: number
  readonly after_slot: number
}

/**
 * How rows are told apart by the slots whose windows hold them: window (slot − window, slot] holds ts for the slots in
 * [ts, ts + window). There are no more such runs of slots than slots begin and end, so that one scan that counts by run answers every
 * slot exactly, and no row is looked at once for each of them.
 */
export function runsOfSlots({ windowSeconds }: Pick<Question, 'windowSeconds'>, slots: Slots) {
  const [first, windowMs] = [slots.from.getTime(), windowSeconds * 1000]
  const slotAfter = (ms: number) =>
    `toUInt32(least(${slots.count}, greatest(0, ceil((toUnixTimestamp64Milli(ts) - ${first - ms}) / ${slots.stepSeconds * 1000}))))`
  return {
    columns: `${slotAfter(0)} AS first_slot, ${slotAfter(windowMs)} AS after_slot`,
    where: isScanned({ from: first - windowMs, to: slotInstant(slots, slots.count - 1).getTime() }),
  }
}

/** What each slot has of all runs. */
export function bySlot<R extends Run>(runs: readonly R[], { count }: Slots): readonly (readonly R[])[] {
  const slots: R[][] = Array.from({ length: count }, () => [])
  for (const run of runs)
    for (let slot = run.first_slot; slot < run.after_slot; slot++) slots[slot]?.push(run)
  return slots
}

export function sumOf<R>(runs: readonly R[], figure: (run: R) => number): number {
  return runs.reduce((sum, run) => sum + figure(run), 0)
}

/** `2026-11-21 03:04:05.678`, UTC: the relations keep their instants in that zone. */
export function clickHouseInstant(at: Date): string {
  return at.toISOString().replace('T', ' ').replace('Z', '')
}
