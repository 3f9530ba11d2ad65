import { randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { recordHistory } from '#db/repositories/check-history.ts'
import {
  insertAlerts,
  insertChecks,
  type Known,
  knownKey,
  loadKnown,
  lockKnown,
  Overtaken,
  saveAlerts,
  saveChecks,
} from '#db/repositories/checks.ts'
import {
  closeFinished,
  insertIncidents,
  recordTimeline,
  reopenIncidents,
} from '#db/repositories/incidents.ts'
import { tellContacts } from '#db/repositories/contact-alerts.ts'
import { queueNotifications } from '#db/repositories/notifications.ts'
import { type CheckHistory, historyOf } from '#engine/advance/history.ts'
import { advanceBatch, type BatchOutcome, isUneventful } from '#engine/advance/batch.ts'
import type { FlappingSettings } from '#engine/advance/flapping.ts'
import type { Happening, Verdict } from '#engine/advance/advance.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { type DecisionSettings, defaultDecisionSettings } from '#engine/decision-settings.ts'
import { formatDuration } from '#engine/duration.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Event } from '#engine/event.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import type { NotificationSettings } from '#engine/notify/decide-notification.ts'
import { newsOf } from '#engine/notify/plan.ts'
import type { Actor } from '#engine/person.ts'
import { type Destinations, destinationsOf } from './join-groups.ts'

export interface TakenIn {
  /** Alerts that fired or recovered just now: what is worth a new picture. */
  readonly turned: readonly Alert[]
  /** To be announced to the delivery workers. */
  readonly notificationIds: readonly string[]
  /** One for each event, in order: what contacts are told of it, or why nothing. */
  readonly verdicts: readonly Verdict[]
}

/**
 * Events in, decisions out: loads the checks of the whole batch, decides purely, and writes what changed in one
 * transaction. Most batches change nothing; those are recognised without a lock and without a write.
 */
export async function takeIn(
  db: Database,
  events: readonly Event[],
  now: Date,
  settings: DecisionSettings = defaultDecisionSettings,
): Promise<TakenIn> {
  const { notification, flapping } = settings
  const situation = { now, newId: randomUUID, settings: notification, flapping }
  const seen = await loadKnown(db, events)
  const glance = decide(events, seen, situation)
  if (isUneventful(glance)) return { turned: [], notificationIds: [], verdicts: verdictsOf(glance) }
  try {
    return await db.transaction(async (tx) => {
      const known = await lockKnown(tx, seen)
      const outcome = known === seen ? glance : decide(events, known, situation)
      const save = await tellContacts(tx, outcome.moments, { now, settings: settings.routing })
      const [takenIn] = await Promise.all([writeDown(tx, { outcome, known }, now), save()])
      return takenIn
    })
  } catch (error) {
    if (error instanceof Overtaken) return takeIn(db, events, now, settings)
    throw error
  }
}

function decide(
  events: readonly Event[],
  known: Known,
  situation: {
    now: Date
    newId: () => string
    settings: NotificationSettings
    flapping: FlappingSettings | null
  },
): BatchOutcome {
  return advanceBatch(events, {
    ...situation,
    checkOf: (event) => {
      const check = known.checks.get(knownKey(event))
      if (!check) throw new Error(`the check of ${event.entity}:${event.check} was not loaded`)
      return check
    },
    openAlertOf: (check) => known.openAlerts.get(check.id),
    closedAlertOf: (check) => known.closedAlerts.get(check.id),
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

interface Decided {
  readonly outcome: BatchOutcome
  /** What it was decided upon. */
  readonly known: Known
}

/** Nothing here waits for an answer before it asks the next: while the server writes one, the next is put together. */
async function writeDown(tx: Database, { outcome, known }: Decided, now: Date): Promise<TakenIn> {
  const opened = openIncidents(outcome, now)
  const incidentOf = new Map(opened.map(({ alertId, id }) => [alertId, id]))
  const isStored = ({ id }: { readonly id: string }) => known.versions.has(id)
  const checks = Map.groupBy(outcome.changedChecks, isStored)
  const changedAlerts = outcome.changedAlerts.map((alert) => inIncident(alert, incidentOf))
  const closedBefore = new Set([...known.closedAlerts.values()].map(({ id }) => id))
  const alerts = Map.groupBy(changedAlerts, (alert) => isStored(alert) || closedBefore.has(alert.id))
  const reopened = changedAlerts.filter(({ id, state }) => state === 'FIRING' && closedBefore.has(id))
  const resolved = changedAlerts.filter((alert) => alert.state === 'RESOLVED')
  const happenings = outcome.happenings.map(({ alert, happening }) => ({
    alert: inIncident(alert, incidentOf),
    happening,
  }))
  const checkOf = new Map([...known.checks.values()].map((check) => [check.id, check]))
  const destinations = await destinationsOf(tx, happenings, {
    checkOf: ({ checkId }) => checkOf.get(checkId),
    now,
  })
  const [notificationIds] = await Promise.all([
    insertIncidents(tx, opened).then(() => tell(tx, happenings, { chatsOf: destinations.chatsOf, now })),
    insertChecks(tx, checks.get(false) ?? []),
    saveChecks(tx, checks.get(true) ?? []),
    // What ended first: a check has one open alert at a time.
    saveAlerts(tx, alerts.get(true) ?? []),
    insertAlerts(tx, alerts.get(false) ?? []),
    reopenIncidents(tx, incidentsOf(reopened)),
    closeFinished(tx, incidentsOf(resolved), now),
    recordHistory(tx, historyOfBatch(outcome, known, now)),
    destinations.join(),
  ])
  const turned = happenings.filter(({ happening }) => happening === 'fired' || happening === 'recovered')
  return { turned: turned.map(({ alert }) => alert), notificationIds, verdicts: verdictsOf(outcome) }
}

interface OpenedIncident {
  readonly alertId: string
  readonly id: string
  readonly environment: string
  readonly openedAt: Date
}

/** By default each alert that fires is an incident of its own. */
function openIncidents({ happenings }: BatchOutcome, now: Date): OpenedIncident[] {
  const fired = happenings.filter(
    ({ alert, happening }) => happening === 'fired' && alert.incidentId === null,
  )
  return fired.map(({ alert }) => ({
    alertId: alert.id,
    id: randomUUID(),
    environment: alert.environment,
    openedAt: now,
  }))
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

async function tell(
  tx: Database,
  happenings: readonly Occurrence[],
  { chatsOf, now }: Pick<Destinations, 'chatsOf'> & { readonly now: Date },
): Promise<string[]> {
  const news = happenings.flatMap(({ alert, happening }) => {
    const worth = newsOf(happening)
    if (!worth || alert.incidentId === null) return []
    const entry = worth.kind && entryOf(alert, worth.kind, now)
    return [{ incidentId: alert.incidentId, reason: worth.reason, chats: chatsOf(alert), entry }]
  })
  const told = news.flatMap(({ incidentId, entry }) => (entry ? [{ incidentId, entry }] : []))
  const ids = (await recordTimeline(tx, told)).values()
  return queueNotifications(
    tx,
    news.map(({ entry, ...one }) => ({ ...one, entryId: entry ? (ids.next().value ?? null) : null })),
    now,
  )
}

const clock: Actor = { kind: 'clock' }

function entryOf(alert: Alert, kind: TimelineEntry['kind'], now: Date): TimelineEntry {
  const lasted = formatDuration((now.getTime() - alert.startedAt.getTime()) / 1000)
  const actor = (kind === 'acknowledged' && alert.acknowledgedBy) || clock
  return { at: now, actor, kind, details: kind === 'recovered' ? { lasted } : {} }
}
