import { randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { recordHistory } from '#db/repositories/check-history.ts'
import { knownKey, type Known, loadKnown, saveAlerts, saveChecks } from '#db/repositories/checks.ts'
import { closeFinished, insertIncidents, recordTimeline } from '#db/repositories/incidents.ts'
import { tellContacts } from '#db/repositories/contact-alerts.ts'
import { queueNotifications } from '#db/repositories/notifications.ts'
import { type CheckHistory, historyOf } from '#engine/advance/history.ts'
import { advanceBatch, type BatchOutcome, isUneventful } from '#engine/advance/batch.ts'
import type { Happening, Verdict } from '#engine/advance/advance.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { formatDuration } from '#engine/duration.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Event } from '#engine/event.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import { defaultNotificationSettings, type NotificationSettings } from '#engine/notify/decide-notification.ts'
import { newsOf } from '#engine/notify/plan.ts'
import type { Actor } from '#engine/person.ts'
import { defaultRoutingSettings, type RoutingSettings } from '#engine/route/routing.ts'

export interface TakenIn {
  /** Alerts that fired or recovered just now: what is worth a new picture. */
  readonly turned: readonly Alert[]
  /** To be announced to the delivery workers. */
  readonly notificationIds: readonly string[]
  /** One for each event, in order: what contacts are told of it, or why nothing. */
  readonly verdicts: readonly Verdict[]
}

/** By which defaults it is decided who hears, and when. */
interface DecisionSettings {
  readonly notification: NotificationSettings
  readonly routing: RoutingSettings
}

const defaultSettings: DecisionSettings = {
  notification: defaultNotificationSettings,
  routing: defaultRoutingSettings,
}

/**
 * Events in, decisions out: loads the checks of the whole batch, decides purely, and writes what changed in one
 * transaction. Most batches change nothing; those are recognised without a lock and without a write.
 */
export async function takeIn(
  db: Database,
  events: readonly Event[],
  now: Date,
  settings = defaultSettings,
): Promise<TakenIn> {
  const situation = { now, newId: randomUUID, settings: settings.notification }
  const seen = await loadKnown(db, events)
  const glance = decide(events, seen, situation)
  if (isUneventful(glance)) return { turned: [], notificationIds: [], verdicts: verdictsOf(glance) }
  return db.transaction(async (tx) => {
    const known = await loadKnown(tx, events, { seen })
    const outcome = decide(events, known, situation)
    await recordHistory(tx, historyOfBatch(outcome, known, now))
    await tellContacts(tx, outcome.moments, { now, settings: settings.routing })
    return writeDown(tx, outcome, now)
  })
}

function decide(
  events: readonly Event[],
  known: Known,
  situation: { now: Date; newId: () => string; settings: NotificationSettings },
): BatchOutcome {
  return advanceBatch(events, {
    ...situation,
    checkOf: (event) => {
      const check = known.checks.get(knownKey(event))
      if (!check) throw new Error(`the check of ${event.entity}:${event.check} was not loaded`)
      return check
    },
    openAlertOf: (check) => known.openAlerts.get(check.id),
  })
}

function historyOfBatch({ moments }: BatchOutcome, known: Known, now: Date): CheckHistory {
  const memoryBefore = ({ environment, key, memory }: Check) =>
    known.checks.get(knownKey({ environment, checkKey: key }))?.memory ?? memory
  return historyOf(
    moments.map(({ check }) => check),
    memoryBefore,
    epochSeconds(now),
  )
}

function verdictsOf({ moments }: BatchOutcome): Verdict[] {
  return moments.map(({ verdict }) => verdict)
}

async function writeDown(tx: Database, outcome: BatchOutcome, now: Date): Promise<TakenIn> {
  const incidentOf = await openIncidents(tx, outcome, now)
  const alerts = outcome.changedAlerts.map((alert) => inIncident(alert, incidentOf))
  await saveChecks(tx, outcome.changedChecks)
  await saveAlerts(tx, alerts)
  await closeFinished(tx, incidentsOf(alerts.filter((alert) => alert.state === 'RESOLVED')), now)
  const happenings = outcome.happenings.map(({ alert, happening }) => ({
    alert: inIncident(alert, incidentOf),
    happening,
  }))
  const turned = happenings.filter(({ happening }) => happening === 'fired' || happening === 'recovered')
  return {
    turned: turned.map(({ alert }) => alert),
    notificationIds: await tell(tx, happenings, now),
    verdicts: verdictsOf(outcome),
  }
}

/** By default each alert that fires is an incident of its own. */
async function openIncidents(
  tx: Database,
  { happenings }: BatchOutcome,
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  const fired = happenings.filter(
    ({ alert, happening }) => happening === 'fired' && alert.incidentId === null,
  )
  const fresh = fired.map(({ alert }) => ({
    alertId: alert.id,
    id: randomUUID(),
    environment: alert.environment,
    openedAt: now,
  }))
  await insertIncidents(
    tx,
    fresh.map(({ id, environment, openedAt }) => ({ id, environment, openedAt })),
  )
  return new Map(fresh.map(({ alertId, id }) => [alertId, id]))
}

function inIncident(alert: Alert, incidentOf: ReadonlyMap<string, string>): Alert {
  return { ...alert, incidentId: alert.incidentId ?? incidentOf.get(alert.id) ?? null }
}

function incidentsOf(alerts: readonly Alert[]): string[] {
  return alerts.map((alert) => alert.incidentId).filter((id) => id !== null)
}

interface Occurrence {
  readonly alert: Alert
  readonly happening: Happening
}

async function tell(tx: Database, happenings: readonly Occurrence[], now: Date): Promise<string[]> {
  const news = happenings.flatMap(({ alert, happening }) => {
    const worth = newsOf(happening)
    if (!worth || alert.incidentId === null) return []
    return [{ incidentId: alert.incidentId, reason: worth.reason, entry: entryOf(alert, worth.kind, now) }]
  })
  const entryIds = await recordTimeline(tx, news)
  return queueNotifications(
    tx,
    news.map(({ incidentId, reason }, index) => ({ incidentId, reason, entryId: entryIds[index] ?? null })),
    now,
  )
}

const clock: Actor = { kind: 'clock' }

function entryOf(alert: Alert, kind: TimelineEntry['kind'], now: Date): TimelineEntry {
  const lasted = formatDuration((now.getTime() - alert.startedAt.getTime()) / 1000)
  const actor = (kind === 'acknowledged' && alert.acknowledgedBy) || clock
  return { at: now, actor, kind, details: kind === 'recovered' ? { lasted } : {} }
}
