/** What the ticker can tell apart, and the shortest interval a rule may have. */
export const slotMs = 5000

/** When a rule is due: at the turns of its own grid, which begins at `phaseMs` after the epoch. */
export interface Cadence {
  readonly intervalMs: number
  readonly phaseMs: number
  /** How long after an outage it waits, if its turn fell into it; undefined = it does not. */
  readonly spreadMs: number | undefined
}

/** Rules as far apart as this need no phase: their questions are asked together anyway. */
const shortestPhasedMs = 60_000
const longMs = 3_600_000
export const spreadOverMs = 60_000

/** The id decides the phase, so that all workers agree and not everything happens on the hour. */
export function cadenceOf(ruleId: string, intervalSeconds: number): Cadence {
  const intervalMs = intervalSeconds * 1000
  const dice = Number.parseInt(ruleId.slice(0, 8), 16)
  const slots = Math.max(1, Math.floor(intervalMs / slotMs))
  return {
    intervalMs,
    phaseMs: intervalMs <= shortestPhasedMs ? 0 : (dice % slots) * slotMs,
    spreadMs: intervalMs < longMs ? undefined : (dice % (spreadOverMs / slotMs)) * slotMs,
  }
}

/** How far the evaluation of a rule's shard is. Instants in ms. */
export interface Progress {
  /** All that was due until then has been evaluated. */
  readonly evaluatedTo: number
  /** Rules as they were changed until then were seen at least once. */
  readonly revision: number
  /** The newest stretch in which nothing was evaluated: after `from`, before `to`. */
  readonly gap: { readonly from: number; readonly to: number } | undefined
}

export const neverEvaluated: Progress = { evaluatedTo: -Infinity, revision: -1, gap: undefined }

/** Several turns at once are one: what was missed is not evaluated again and again. */
export function isDue(cadence: Cadence, revision: number, progress: Progress, slot: number): boolean {
  if (revision > progress.revision) return true
  const turn = turnBefore(cadence, slot, progress)
  return turn > progress.evaluatedTo && turn <= slot
}

/** The newest turn at or before an instant. A turn of hours that was missed comes soon after the outage, not all at once. */
function turnBefore(cadence: Cadence, at: number, { gap }: Progress): number {
  const turn = gridTurn(cadence, at)
  const isOverdue = cadence.spreadMs !== undefined && gap && turn > gap.from && turn < gap.to
  return isOverdue ? gap.to + cadence.spreadMs : turn
}

function gridTurn({ intervalMs, phaseMs }: Cadence, at: number): number {
  return phaseMs + Math.floor((at - phaseMs) / intervalMs) * intervalMs
}

/** The slot at which a rule was evaluated last, as far as its shard is; undefined = never. */
export function lastEvaluated(cadence: Cadence, progress: Progress): number | undefined {
  const { evaluatedTo, gap } = progress
  if (evaluatedTo === -Infinity) return undefined
  if (cadence.intervalMs <= slotMs) return evaluatedTo
  const turn = turnBefore(cadence, evaluatedTo, progress)
  if (turn > evaluatedTo) return gap && gridTurn(cadence, gap.from)
  if (gap && turn > gap.from && turn < gap.to) return Math.min(gap.to, evaluatedTo)
  return Math.min(Math.ceil(turn / slotMs) * slotMs, evaluatedTo)
}

/** Whether a rule that is due now was not looked at when it should have been: what it does not know cannot count as failing. */
export function wasBlind(cadence: Cadence, progress: Progress, slot: number): boolean {
  const last = lastEvaluated(cadence, progress)
  return last !== undefined && slot - last > cadence.intervalMs + toleratedMs(cadence)
}

/** One evaluation that is missing is no blindness; for the shortest intervals, two. */
export function toleratedMs({ intervalMs }: Cadence): number {
  return Math.max(intervalMs, 2 * slotMs)
}
