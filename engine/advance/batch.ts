import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { Event } from '#engine/event.ts'
import type { NotificationSettings } from '#engine/notify/decide-notification.ts'
import type { CheckMemory } from '#engine/suppress/check-memory.ts'
import type { FlappingSettings } from './flapping.ts'
import { advance, type Happening, type Verdict } from './advance.ts'

/** What a batch of events changes, decided in the order of the events and without touching anything. */
export interface BatchOutcome {
  readonly changedChecks: readonly Check[]
  readonly changedAlerts: readonly Alert[]
  /** In order; an alert may occur more than once, each time as it was then. */
  readonly happenings: readonly Happened[]
  /** One for each event, in order. */
  readonly moments: readonly Moment[]
}

export interface Happened {
  readonly alert: Alert
  readonly happening: Happening
  /** Whoever said so, where it was pushed. */
  readonly by?: string | undefined
}

/** A check as one event left it, and whether contacts are told. */
export interface Moment {
  readonly check: Check
  readonly verdict: Verdict
  /** The alert it is about, as the event left it. */
  readonly alert: Alert | undefined
}

interface BatchSituation {
  readonly checkOf: (event: Event) => Check
  readonly openAlertOf: (check: Check) => Alert | undefined
  readonly closedAlertOf: (check: Check) => Alert | undefined
  readonly now: Date
  readonly newId: () => string
  readonly settings: NotificationSettings
  readonly flapping?: FlappingSettings | null
}

const untold: Verdict = { blocked: null, notification: null }

export function advanceBatch(events: readonly Event[], situation: BatchSituation): BatchOutcome {
  const checks = new Map<string, Check>()
  const alerts = new Map<string, Alert>()
  const openAlerts = new Map<string, Alert | undefined>()
  const happenings: Happened[] = []
  const moments: Moment[] = []
  for (const event of events) {
    const known = situation.checkOf(event)
    const before = checks.get(known.id) ?? known
    const open = openAlerts.has(known.id) ? openAlerts.get(known.id) : situation.openAlertOf(known)
    const closedId = (before.closed ?? before.flapping)?.alertId
    const closedAlert =
      closedId === undefined ? undefined : (alerts.get(closedId) ?? situation.closedAlertOf(known))
    const step = advance({ ...situation, check: before, alert: open, closedAlert, event })
    if (hasChanged(before, step.check)) checks.set(known.id, step.check)
    openAlerts.set(known.id, step.alert?.state === 'RESOLVED' ? undefined : step.alert)
    if (step.alert && step.alert !== open) alerts.set(step.alert.id, step.alert)
    const { alert, happening } = step
    if (alert && happening) happenings.push({ alert, happening, by: event.by })
    moments.push({ check: step.check, verdict: step.verdict ?? untold, alert: step.alert })
  }
  return { changedChecks: [...checks.values()], changedAlerts: [...alerts.values()], happenings, moments }
}

function hasChanged(before: Check, after: Check): boolean {
  return (
    before.closed !== after.closed ||
    before.flapping !== after.flapping ||
    (before.memory !== after.memory && !isSmallTalk(before.memory, after.memory))
  )
}

/** Other words for being well are not worth a write. */
function isSmallTalk(before: CheckMemory, after: CheckMemory): boolean {
  return (
    after.lastChange?.state === 'ok' &&
    before.lastChange === after.lastChange &&
    before.changeBefore === after.changeBefore &&
    before.isEnabled === after.isEnabled &&
    before.notified === after.notified &&
    before.scheduled === after.scheduled &&
    before.scheduledMark === after.scheduledMark &&
    before.unscheduled === after.unscheduled
  )
}

/** Nothing to write, so nothing to lock. */
export function isUneventful(outcome: BatchOutcome): boolean {
  return (
    outcome.changedChecks.length === 0 &&
    outcome.changedAlerts.length === 0 &&
    outcome.moments.every(({ verdict }) => verdict.notification === null)
  )
}
