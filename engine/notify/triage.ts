import type { AlertView } from '#engine/alert.ts'
import type { Medium } from '#engine/medium.ts'
import type { DeliveryAttempt } from './delivery-attempt.ts'
import { deservesReply, isHeldBySilence, type Reason } from './plan.ts'

export interface Unsaid {
  readonly reason: Reason
  /** HELD: something kept it back before. */
  readonly state: string
}

interface Scene {
  readonly view: Exclude<AlertView, 'PENDING'>
  /** Something keeps it quiet now: a silence, an inhibition. */
  readonly isSuppressed: boolean
  /** Whether it was told at this destination. */
  readonly isPosted: boolean
  /** What was said there can be changed. */
  readonly takesEdits: boolean
  /** They may have heard that it began, although nobody knows, and would wait for its end. */
  readonly mayHaveHeard: boolean
}

/** They keep something open for each incident until they hear that it is over, and find it by its key. */
const keepers: ReadonlySet<Medium> = new Set<Medium>(['pagerduty', 'opsgenie', 'servicenow', 'webhook'])

/** Something was said of which nobody knows whether it was heard. */
export function mayHaveHeard(
  surface: Medium,
  unsaid: readonly { readonly attemptLog: readonly DeliveryAttempt[] | null }[],
): boolean {
  // Of what got no answer most was never heard. Keepers are told of the end all the same: it costs nobody's sleep.
  const isOpen = ({ outcome, status }: DeliveryAttempt) =>
    outcome === 'unknown' || (outcome === 'failed' && status === null && keepers.has(surface))
  return unsaid.some(({ attemptLog }) => attemptLog?.some(isOpen))
}

export interface Triage<N> {
  readonly say: readonly N[]
  readonly hold: readonly N[]
  readonly drop: readonly N[]
}

/**
 * What becomes of everything not yet said about one incident at one place. Decided when it is about to go out, not when
 * it was queued: silences come and go in between. Oldest first, and it stays so.
 */
export function triage<N extends Unsaid>(unsaid: readonly N[], scene: Scene): Triage<N> {
  const isOver = scene.view === 'RESOLVED'
  // Nobody here has heard that it began: that it has ended is news to nobody.
  if (isOver && !scene.isPosted && !scene.mayHaveHeard) return { say: [], hold: [], drop: unsaid }
  if (scene.isSuppressed && !isOver && !scene.isPosted) return { say: [], hold: unsaid, drop: [] }
  const newestReminder = unsaid.findLast(isReminder)
  const isStale = (one: N) =>
    (isReminder(one) && (scene.view !== 'FIRING' || one !== newestReminder)) ||
    (isCall(one) && scene.view !== 'FIRING') ||
    (one.reason === 'asked' && scene.view !== 'ACKNOWLEDGED') ||
    (isHeld(one) && isOver) ||
    (scene.isPosted && !scene.takesEdits && !deservesReply(one.reason))
  const current = unsaid.filter((one) => !isStale(one))
  const isKept = (one: N) => scene.isSuppressed && !isOver && isHeldBySilence(one.reason)
  return {
    say: current.filter((one) => !isKept(one)),
    hold: current.filter(isKept),
    drop: unsaid.filter(isStale),
  }
}

function isHeld({ state }: Unsaid): boolean {
  return state === 'HELD'
}

/** It calls for somebody, and says nothing to those who come after somebody came. */
function isCall({ reason }: Unsaid): boolean {
  return reason === 'escalated' || reason === 'unacknowledged'
}

/** "Still failing, and nobody has acknowledged it": true once, and only while it is true. */
function isReminder({ reason }: Unsaid): boolean {
  return reason === 'reminder' || reason === 'still-firing'
}
