import type { Alert } from '#engine/alert.ts'
import type { Check, ClosedByHand } from '#engine/check.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { type CheckState, type Event, isWorse, type Measurement, severity } from '#engine/event.ts'
import { withFacts } from '#engine/facts.ts'
import {
  decideNotification,
  type NotificationDecision,
  type NotificationSettings,
} from '#engine/notify/decide-notification.ts'
import type { Actor } from '#engine/person.ts'
import { endIfOutgrown } from '#engine/suppress/acknowledgement.ts'
import type { CheckMemory } from '#engine/suppress/check-memory.ts'
import { flappingAfter, type FlappingSettings, hasStoppedFlapping, noteChange } from './flapping.ts'
import { isPendingUnseen, pendingAnew } from './pending-anew.ts'

/** What an event did to its check and to the alert open on it, if any. */
export interface Step {
  readonly check: Check
  /** The alert that is open afterwards, or the one this step ended. */
  readonly alert?: Alert
  readonly happening?: Happening
  /** Whether contacts are told, and why not. */
  readonly verdict?: Verdict
}

export type Verdict = Pick<NotificationDecision, 'blocked' | 'notification'>

/**
 * `forgotten`: a pending alert cleared before it fired; nobody was told, so nobody needs to be told again. `reopened`: it
 * was closed by hand, and its time to fail on is over. `cleared`: it was closed by hand, and now its source agrees.
 * `turned`: it recovered or fired while it was flapping.
 */
export type Happening =
  | 'pending'
  | 'fired'
  | 'severity-rose'
  | 'reminded'
  | 'acknowledged'
  | 'recovered'
  | 'forgotten'
  | 'reopened'
  | 'cleared'
  | 'flapping-started'
  | 'flapping-stopped'
  | 'turned'

export interface Situation<Told extends Event = Event> {
  /** As it was before the event. */
  readonly check: Check
  readonly alert: Alert | undefined
  /** The one that was closed by hand while its check still failed, or that its check goes on with while it is flapping. */
  readonly closedAlert?: Alert | undefined
  readonly event: Told
  /** The instant of the decision: for a rule its slot, so that a late worker decides as a punctual one would. */
  readonly now: Date
  readonly newId: () => string
  readonly settings: NotificationSettings
  readonly flapping?: FlappingSettings | null
}

/** The state machine of checks and alerts, whole: one event against what was known. */
export function advance(situation: Situation): Step {
  const { check, alert, closedAlert, now, flapping } = situation
  if (isOvertaken(situation)) return withAlert(check, alert)
  if (isPendingUnseen(situation)) return advance({ ...situation, ...pendingAnew(situation) })
  if (!hasStoppedFlapping(check, epochSeconds(now))) return group(decide(situation), situation, flapping)
  const calm: Check = { ...check, flapping: null }
  const step = group(decide({ ...situation, check: calm, closedAlert: undefined }), situation, flapping)
  // What now begins to be pending is found so by the next event.
  const spokesman = alert ? step.alert : closedAlert
  if ((step.happening && step.happening !== 'pending') || !spokesman) return step
  return { ...step, alert: spokesman, happening: 'flapping-stopped' }
}

/** Flapping groups what is told of turns, and changes no state. */
function group(step: Step, situation: Situation, settings: FlappingSettings | null | undefined): Step {
  if (!settings || situation.event.kind !== 'service') return step
  const noted = noteChange(situation.check, step.check, settings)
  if (noted === step.check) return step
  const wasFlapping = step.check.flapping !== null
  const flapping = noted.closed ? null : flappingAfter(noted, step.alert, settings)
  const grouped = { ...step, check: { ...noted, flapping } }
  if (!flapping) return grouped
  // A first post speaks for itself, and so does what is worse than all before.
  if (step.happening === 'fired' || step.happening === 'severity-rose') return grouped
  if (!wasFlapping && step.alert) return { ...grouped, happening: 'flapping-started' }
  return step.happening === 'recovered' ? { ...grouped, happening: 'turned' } : grouped
}

function decide(situation: Situation): Step {
  const { check, event, now, settings } = situation
  const memory = endIfOutgrown(check.memory, event)
  const decision = decideNotification({ memory, event, now: epochSeconds(now), settings })
  if (check.closed && event.kind !== 'test') return stayClosed(situation, check.closed, decision)
  const after = withMemory(check, decision.memory)
  const { blocked, notification } = decision
  return { ...live(situation, after, notification !== null), verdict: { blocked, notification } }
}

/** The longest that the answer for a slot is on its way. */
const longestWaySeconds = 300

/**
 * Two workers may answer two slots in the wrong order; what was decided for the later one stands. A change that lies
 * further ahead was not decided for a later slot: the clock was set back.
 */
function isOvertaken({ check, event, now }: Situation): boolean {
  const { lastChange } = check.memory
  if (event.judgedBy !== 'slot' || lastChange === null) return false
  const ahead = lastChange.at - epochSeconds(now)
  return ahead > 0 && ahead <= longestWaySeconds
}

function withAlert(check: Check, alert: Alert | undefined): Step {
  return alert ? { check, alert } : { check }
}

function withMemory(check: Check, memory: CheckMemory): Check {
  return memory === check.memory ? check : { ...check, memory }
}

/** What it says is noted and told nobody, until it was ok once or its time is over. */
function stayClosed(situation: Situation, closed: ClosedByHand, decision: NotificationDecision): Step {
  const { check, event, alert, closedAlert, now } = situation
  if (event.kind !== 'service') return withAlert(withMemory(check, decision.memory), alert)
  const opened: Check = { ...check, memory: decision.memory, closed: null }
  if (event.state === 'ok')
    return closedAlert ? { check: opened, alert: closedAlert, happening: 'cleared' } : { check: opened }
  const isDue = closed.reopensAt !== null && closed.reopensAt <= epochSeconds(now)
  const { blocked, notification } = decision
  if (!isDue || !notification) return withAlert(withMemory(check, decision.seen), alert)
  const failing = { ...situation, event: { ...event, state: event.state } }
  return { ...reopen(failing, opened), verdict: { blocked, notification } }
}

/** The life of the alert beside the decision whether it is news. */
function live(situation: Situation, check: Check, isNews: boolean): Step {
  const { event, alert } = situation
  switch (event.kind) {
    case 'service': {
      const { state } = event
      if (state === 'ok') return clear(situation, check)
      const failing = { ...situation, event: { ...event, state } }
      if (check.flapping && !alert && situation.closedAlert)
        return isNews ? goOn(failing, check, situation.closedAlert) : { check }
      return isNews ? tell(failing, check) : wait(failing, check)
    }
    case 'acknowledgement':
      return isNews && alert?.state === 'FIRING'
        ? acknowledge(situation, check, alert)
        : withAlert(check, alert)
    case 'test':
      return withAlert(check, alert)
  }
}

function clear({ alert, now, event }: Situation, check: Check): Step {
  if (!alert) return { check }
  const seen = {
    summary: event.summary ?? '',
    measurement: event.measurement ?? alert.measurement,
    facts: withFacts(alert.facts, event.facts),
  }
  const resolved: Alert = { ...alert, ...seen, state: 'RESOLVED', resolvedAt: now, resolvedBy: null }
  return { check, alert: resolved, happening: alert.state === 'PENDING' ? 'forgotten' : 'recovered' }
}

const source: Actor = { kind: 'source', name: 'an event' }

function acknowledge({ event, now }: Situation, check: Check, alert: Alert): Step {
  const acknowledged: Alert = { ...alert, acknowledgedAt: now, acknowledgedBy: event.actor ?? source }
  return { check, alert: acknowledged, happening: 'acknowledged' }
}

function reopen(situation: Failing, check: Check): Step {
  const { closedAlert } = situation
  if (!closedAlert) return tell(situation, check)
  return { check, alert: openAgain(closedAlert, situation), happening: 'reopened' }
}

/** A turn of what is flapping: no new alert, and no word unless it is worse than it ever was. */
function goOn(situation: Failing, check: Check, before: Alert): Step {
  const alert = openAgain(before, situation)
  return {
    check,
    alert,
    happening: isWorse(alert.severity, before.severity) ? 'severity-rose' : 'turned',
  }
}

function openAgain(before: Alert, { event, now }: Failing): Alert {
  const seen = see(before, event)
  const worse = severity(event.state)
  return {
    ...seen,
    state: 'FIRING',
    severity: isWorse(worse, seen.severity) ? worse : seen.severity,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    lastNotifiedAt: now,
  }
}

type Failing = Situation<Event & { readonly kind: 'service'; readonly state: Exclude<CheckState, 'ok'> }>

function wait(situation: Failing, check: Check): Step {
  const alert = seenAlert(situation)
  return alert.state === 'PENDING' ? { check, alert, happening: 'pending' } : { check, alert }
}

/**
 * A problem that contacts are told of: the alert fires, gets worse, or is brought to mind again. Only a fall is no news to
 * the chat, where everybody sees what was posted.
 */
function tell(situation: Failing, check: Check): Step {
  const { event, now } = situation
  const alert = seenAlert(situation)
  if (alert.state === 'PENDING')
    return {
      check,
      alert: { ...alert, state: 'FIRING', firedAt: now, lastNotifiedAt: now },
      happening: 'fired',
    }
  const told = { ...alert, acknowledgedAt: null, acknowledgedBy: null, lastNotifiedAt: now }
  const worse = severity(event.state)
  if (isWorse(worse, alert.severity))
    return { check, alert: { ...told, severity: worse }, happening: 'severity-rose' }
  const { last } = situation.check.memory.notified
  const isReminder = last === event.state || last === 'acknowledgement'
  return isReminder ? { check, alert: told, happening: 'reminded' } : { check, alert }
}

function seenAlert(situation: Failing): Alert {
  return situation.alert ? see(situation.alert, situation.event) : open(situation)
}

function open({ check, event, now, newId }: Failing): Alert {
  return {
    id: newId(),
    checkId: check.id,
    incidentId: null,
    sharesIncident: false,
    ruleId: event.ruleId ?? null,
    environment: event.environment,
    state: 'PENDING',
    severity: severity(event.state),
    title: event.title,
    summary: event.summary ?? '',
    entity: event.entity,
    labels: event.labels,
    measurement: event.measurement ?? null,
    facts: event.facts ?? {},
    startedAt: now,
    firedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    lastNotifiedAt: null,
    picture: null,
  }
}

/**
 * Once it fired it keeps the worst severity that was told: a fall does not un-page anyone, a rise waits until it is told.
 * The very same alert where nothing new was seen, so that nothing is written.
 */
function see(alert: Alert, event: Failing['event']): Alert {
  const worst = alert.state === 'PENDING' ? severity(event.state) : alert.severity
  const measurement = event.measurement ?? alert.measurement
  const summary = event.summary ?? ''
  const isKnown =
    summary === alert.summary && worst === alert.severity && isSame(measurement, alert.measurement)
  if (isKnown) return alert
  return { ...alert, summary, measurement, severity: worst, facts: withFacts(alert.facts, event.facts) }
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
