import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { type CheckState, type Event, isWorse, type Measurement, severity } from '#engine/event.ts'

/** What an event did to its check and to the alert open on it, if any. */
export interface Step {
  readonly check: Check
  /** The alert that is open afterwards, or the one this step ended. */
  readonly alert?: Alert
  readonly happening?: Happening
}

/** `forgotten`: a pending alert cleared before it fired; nobody was told, so nobody needs to be told again. */
export type Happening = 'pending' | 'fired' | 'severity-rose' | 'reminded' | 'recovered' | 'forgotten'

interface Situation {
  /** As it was before the event; a check never seen before starts out ok. */
  readonly check: Check
  readonly alert: Alert | undefined
  readonly event: Event
  /** The instant of the decision: for a rule its slot, so that a late worker decides as a punctual one would. */
  readonly now: Date
  readonly newId: () => string
}

/** The state machine of checks and alerts, whole: one event against what was known. */
export function advance(situation: Situation): Step {
  const { event } = situation
  if (isOvertaken(situation)) return unchanged(situation, situation.check)
  const check = advanceCheck(situation)
  if (event.state === 'ok') return clear(situation, check)
  return fail(situation, check, event.state)
}

/** Two workers may answer two slots in the wrong order; what was decided for the later one stands. */
function isOvertaken({ check, now }: Situation): boolean {
  return now.getTime() < check.lastChangeAt.getTime()
}

function unchanged({ alert }: Situation, check: Check): Step {
  return alert ? { check, alert } : { check }
}

function advanceCheck({ check, event, now }: Situation): Check {
  const changed = check.state !== event.state
  return {
    ...check,
    state: event.state,
    lastChangeAt: changed ? now : check.lastChangeAt,
    lastSeenAt: now,
    quietUntilClear: check.quietUntilClear && event.state !== 'ok',
  }
}

function clear({ alert, now, event }: Situation, check: Check): Step {
  if (!alert) return { check }
  const measurement = event.measurement ?? alert.measurement
  const resolved: Alert = {
    ...alert,
    summary: event.summary,
    measurement,
    state: 'RESOLVED',
    resolvedAt: now,
    resolvedBy: null,
  }
  return { check, alert: resolved, happening: alert.state === 'PENDING' ? 'forgotten' : 'recovered' }
}

type Failing = Exclude<CheckState, 'ok'>

function fail(situation: Situation, check: Check, state: Failing): Step {
  if (check.quietUntilClear) return { check }
  const { alert } = situation
  if (!alert) return open(situation, check, state)
  const seen = see(alert, situation.event, state)
  if (alert.state === 'PENDING') return promote(situation, check, seen)
  if (isWorse(severity(state), alert.severity)) return worsen(situation, check, seen)
  return isReminderDue(situation, seen) ? remind(situation, check, seen) : { check, alert: seen }
}

function open(situation: Situation, check: Check, state: Failing): Step {
  const { event, now, newId } = situation
  const pending: Alert = {
    id: newId(),
    checkId: check.id,
    incidentId: null,
    ruleId: event.ruleId ?? null,
    environment: event.environment,
    state: 'PENDING',
    severity: severity(state),
    title: event.title,
    summary: event.summary,
    entity: event.entity,
    labels: event.labels,
    measurement: event.measurement ?? null,
    startedAt: now,
    firedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    lastNotifiedAt: null,
    picture: null,
  }
  return promote(situation, check, pending)
}

/** At exactly the delay it fires: Flapjack's comparison is strict (`flt-initial-delay`). */
function promote({ event, now }: Situation, check: Check, alert: Alert): Step {
  const failingForMs = now.getTime() - alert.startedAt.getTime()
  if (failingForMs < event.initialFailureDelaySeconds * 1000) return { check, alert, happening: 'pending' }
  return {
    check,
    alert: { ...alert, state: 'FIRING', firedAt: now, lastNotifiedAt: now },
    happening: 'fired',
  }
}

/**
 * Keeps the worst severity of the episode: a fall does not un-page anyone. The very same alert where nothing new was
 * seen, so that nothing is written.
 */
function see(alert: Alert, event: Event, state: Failing): Alert {
  const now = severity(state)
  const worst = alert.state === 'PENDING' || isWorse(now, alert.severity) ? now : alert.severity
  const measurement = event.measurement ?? alert.measurement
  const isKnown =
    event.summary === alert.summary && worst === alert.severity && isSame(measurement, alert.measurement)
  return isKnown ? alert : { ...alert, summary: event.summary, measurement, severity: worst }
}

function isSame(one: Measurement | null, other: Measurement | null): boolean {
  if (!one || !other) return one === other
  return (
    one.value === other.value &&
    one.threshold === other.threshold &&
    one.unit === other.unit &&
    one.breachesAbove === other.breachesAbove
  )
}

/** A worse state is news even to the person who acknowledged the milder one. */
function worsen({ now }: Situation, check: Check, alert: Alert): Step {
  const firing: Alert = { ...alert, acknowledgedAt: null, acknowledgedBy: null, lastNotifiedAt: now }
  return { check, alert: firing, happening: 'severity-rose' }
}

function isReminderDue({ event, now }: Situation, alert: Alert): boolean {
  if (event.repeatFailureDelaySeconds === 0 || alert.acknowledgedAt || !alert.lastNotifiedAt) return false
  return now.getTime() - alert.lastNotifiedAt.getTime() >= event.repeatFailureDelaySeconds * 1000
}

function remind({ now }: Situation, check: Check, alert: Alert): Step {
  return { check, alert: { ...alert, lastNotifiedAt: now }, happening: 'reminded' }
}
