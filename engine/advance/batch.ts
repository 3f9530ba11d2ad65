import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { Event } from '#engine/event.ts'
import { advance, type Happening } from './advance.ts'

/** What a batch of events changes, decided in the order of the events and without touching anything. */
export interface BatchOutcome {
  readonly changedChecks: readonly Check[]
  readonly changedAlerts: readonly Alert[]
  /** In order; an alert may occur more than once, each time as it was then. */
  readonly happenings: readonly { readonly alert: Alert; readonly happening: Happening }[]
}

interface BatchSituation {
  readonly checkOf: (event: Event) => Check
  readonly openAlertOf: (check: Check) => Alert | undefined
  readonly now: Date
  readonly newId: () => string
}

export function advanceBatch(events: readonly Event[], situation: BatchSituation): BatchOutcome {
  const checks = new Map<string, Check>()
  const alerts = new Map<string, Alert>()
  const openAlerts = new Map<string, Alert | undefined>()
  const happenings: { alert: Alert; happening: Happening }[] = []
  for (const event of events) {
    const known = situation.checkOf(event)
    const before = checks.get(known.id) ?? known
    const open = openAlerts.has(known.id) ? openAlerts.get(known.id) : situation.openAlertOf(known)
    const step = advance({ check: before, alert: open, event, now: situation.now, newId: situation.newId })
    if (hasChanged(before, step.check)) checks.set(known.id, step.check)
    openAlerts.set(known.id, step.alert?.state === 'RESOLVED' ? undefined : step.alert)
    if (step.alert && step.alert !== open) alerts.set(step.alert.id, step.alert)
    if (step.alert && step.happening) happenings.push({ alert: step.alert, happening: step.happening })
  }
  return { changedChecks: [...checks.values()], changedAlerts: [...alerts.values()], happenings }
}

/** Having been seen again is not worth a write. */
function hasChanged(before: Check, after: Check): boolean {
  return before.state !== after.state || before.quietUntilClear !== after.quietUntilClear
}

/** Nothing to write, so nothing to lock. */
export function isUneventful(outcome: BatchOutcome): boolean {
  return outcome.changedChecks.length === 0 && outcome.changedAlerts.length === 0
}
