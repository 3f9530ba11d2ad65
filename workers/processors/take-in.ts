import { randomUUID } from 'node:crypto'
import { allDone } from '#db/all-done.ts'
import type { Database } from '#db/client.ts'
import { recordHistory } from '#db/repositories/check-history.ts'
import { insertAlerts, insertChecks, saveAlerts, saveChecks } from '#db/repositories/checks.ts'
import { type Known, knownKey, loadKnown, lockKnown, Overtaken } from '#db/repositories/known-checks.ts'
import { closeFinished, insertIncidents, reopenIncidents } from '#db/repositories/incidents.ts'
import { lockShared } from '#db/repositories/joinable-incidents.ts'
import { touchWatches } from '#db/repositories/touch-watches.ts'
import { saveWatches } from '#db/repositories/watches.ts'
import { decideForContacts, type SaveTold } from '#db/repositories/contact-alerts.ts'
import { listPlaces, type Place, type Recorded, recordNews } from '#db/repositories/notifications.ts'
import { type CheckHistory, historyOf } from '#engine/advance/history.ts'
import { advanceBatch, type BatchOutcome, type Happened, isUneventful } from '#engine/advance/batch.ts'
import type { Verdict } from '#engine/advance/advance.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { type DecisionSettings, defaultDecisionSettings } from '#engine/decision-settings.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Event } from '#engine/event.ts'
import { type ClaimedGroup, type Destinations, destinationsOf } from './destinations-of.ts'
import { freshNews } from './fresh-news.ts'
import { type IncidentNews, newsOfBatch } from './news-of-batch.ts'
import { nothingGoesOut, type Outgoing, outgoingOf } from './outgoing.ts'
import { placeInIncidents, type Places } from './place-incidents.ts'

export interface TakenIn {
  /** Alerts that fired or recovered just now: what is worth a new picture. */
  readonly turned: readonly Alert[]
  /** To be announced to the delivery workers. */
  readonly notificationIds: readonly string[]
  readonly outgoing: Outgoing
  /** One for each event, in order: what contacts are told of it, or why nothing. */
  readonly verdicts: readonly Verdict[]
  /** Groups of webhooks that are the caller's to tell, once the transaction is through. */
  readonly claimedGroups: readonly ClaimedGroup[]
}

export interface TakingIn {
  readonly now: Date
  readonly settings: DecisionSettings
  /** Who takes in tells new groups that wait for nothing itself, and has so long for it; 0 = others do. */
  readonly leaseMs: number
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
  const taking = { now, settings, leaseMs: 0 }
  const seen = await glanceAt(db, events, taking)
  if (isUneventful(seen.outcome)) return nothingTaken(seen.outcome)
  try {
    return await db.transaction((tx) => carryOut(tx, { events, seen }, taking))
  } catch (error) {
    if (error instanceof Overtaken) return takeIn(db, events, now, settings)
    throw error
  }
}

/** The same inside a transaction of the caller's, who begins anew when another worker came in between (`Overtaken`). */
export async function takeInWithin(
  tx: Database,
  events: readonly Event[],
  taking: TakingIn,
): Promise<TakenIn> {
  const seen = await glanceAt(tx, events, taking)
  return isUneventful(seen.outcome) ? nothingTaken(seen.outcome) : carryOut(tx, { events, seen }, taking)
}

interface Decided {
  readonly outcome: BatchOutcome
  /** What it was decided upon. */
  readonly known: Known
}

async function glanceAt(db: Database, events: readonly Event[], taking: TakingIn): Promise<Decided> {
  const known = await loadKnown(db, events)
  return { known, outcome: decide(events, known, taking) }
}

function nothingTaken(outcome: BatchOutcome): TakenIn {
  const nothing = { turned: [], notificationIds: [], outgoing: nothingGoesOut, claimedGroups: [] }
  return { ...nothing, verdicts: verdictsOf(outcome) }
}

const nowhere: Promise<Place[]> = Promise.resolve([])

async function carryOut(
  tx: Database,
  { events, seen }: { events: readonly Event[]; seen: Decided },
  taking: TakingIn,
): Promise<TakenIn> {
  const { now, settings, leaseMs } = taking
  const known = await lockKnown(tx, seen.known)
  const outcome = known === seen.known ? seen.outcome : decide(events, known, taking)
  const checkOf = new Map([...known.checks.values()].map((check) => [check.id, check]))
  const [tellContacts, destinations, hearing] = await allDone([
    decideForContacts(tx, outcome.moments, { now, settings: settings.routing }),
    destinationsOf(tx, outcome.happenings, { checkOf: ({ checkId }) => checkOf.get(checkId), now, leaseMs }),
    outcome.happenings.length > 0 ? listPlaces(tx) : nowhere,
  ])
  const places = await placeInIncidents(tx, outcome.happenings, { sharedBy: destinations.sharedBy, now })
  return writeDown(tx, { outcome, known, destinations, hearing, places, tellContacts }, now)
}

interface Choices {
  readonly destinations: Destinations
  /** Where anything can be told at all. */
  readonly hearing: readonly Place[]
  readonly places: Places
  readonly tellContacts: SaveTold
}

function decide(events: readonly Event[], known: Known, { now, settings }: TakingIn): BatchOutcome {
  return advanceBatch(events, {
    now,
    newId: randomUUID,
    settings: settings.notification,
    flapping: settings.flapping,
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

/** Nothing here waits for an answer before it asks the next: while the server writes one, the next is put together. */
async function writeDown(
  tx: Database,
  { outcome, known, destinations, hearing, places, tellContacts }: Decided & Choices,
  now: Date,
): Promise<TakenIn> {
  const isStored = ({ id }: { readonly id: string }) => known.versions.has(id)
  const checks = Map.groupBy(outcome.changedChecks, isStored)
  const changedAlerts = outcome.changedAlerts.map(places.place)
  const closedBefore = new Set([...known.closedAlerts.values()].map(({ id }) => id))
  const alerts = Map.groupBy(changedAlerts, (alert) => isStored(alert) || closedBefore.has(alert.id))
  const reopened = changedAlerts.filter(({ id, state }) => state === 'FIRING' && closedBefore.has(id))
  const resolved = changedAlerts.filter((alert) => alert.state === 'RESOLVED')
  const happenings = outcome.happenings.map((happened) => ({
    ...happened,
    alert: places.place(happened.alert),
  }))
  const news = newsOfBatch(happenings, places, now)
  const written = { alerts: changedAlerts, checks: outcome.changedChecks }
  const choices = { destinations, hearing, places, tellContacts }
  const telling = openAndTell(tx, { news, happenings, written }, choices, now)
  const [{ queued, fresh }, claimedGroups] = await allDone([
    telling,
    destinations.join(),
    saveWatches(tx, plansOf(happenings, destinations), now),
    touchWatches(tx, incidentsOf(happenings.filter(isForWatches).map(({ alert }) => alert)), now),
    insertChecks(tx, checks.get(false) ?? []),
    saveChecks(tx, checks.get(true) ?? []),
    // What ended first: a check has one open alert at a time.
    saveAlerts(tx, alerts.get(true) ?? []),
    insertAlerts(tx, alerts.get(false) ?? []),
    reopenIncidents(tx, incidentsOf(reopened)),
    lockShared(tx, resolved),
    closeFinished(tx, incidentsOf(resolved), now),
    recordHistory(tx, historyOfBatch(outcome, known, now)),
  ])
  const turned = happenings.filter(({ happening }) => happening === 'fired' || happening === 'recovered')
  return {
    turned: turned.map(({ alert }) => alert),
    notificationIds: queued.map(({ id }) => id),
    outgoing: outgoingOf(queued, fresh),
    verdicts: verdictsOf(outcome),
    claimedGroups,
  }
}

/** Each incident that an alert opens or joins; one that has a plan keeps it. */
function plansOf(happenings: readonly Happened[], { planFor }: Pick<Destinations, 'planFor'>) {
  return happenings.flatMap(({ alert, happening }) => {
    const plan = happening === 'fired' ? planFor(alert) : undefined
    return plan && alert.incidentId !== null ? [{ incidentId: alert.incidentId, plan }] : []
  })
}

/** What ends or begins the wait for somebody; what has recovered is found out when it is due. */
const turnsWait: ReadonlySet<Happened['happening']> = new Set([
  'acknowledged',
  'reopened',
  'severity-rose',
  'reminded',
])

function isForWatches({ alert, happening }: Happened): boolean {
  return turnsWait.has(happening) || (happening === 'fired' && alert.sharesIncident)
}

function incidentsOf(alerts: readonly Alert[]): string[] {
  return alerts.map((alert) => alert.incidentId).filter((id) => id !== null)
}

interface Telling {
  readonly news: readonly IncidentNews[]
  readonly happenings: BatchOutcome['happenings']
  /** As they are written meanwhile. */
  readonly written: { readonly alerts: readonly Alert[]; readonly checks: readonly Check[] }
}

async function openAndTell(
  tx: Database,
  telling: Telling,
  { destinations, hearing, places, tellContacts }: Choices,
  now: Date,
) {
  const { news, written } = telling
  const [numbers, recorded] = await allDone([
    insertIncidents(tx, places.opened),
    tell(tx, telling, { ...destinations, hearing }, now),
  ])
  const story = news.map(({ incidentId, reason }, index) => ({
    incidentId,
    reason,
    entryId: recorded.entryIds[index] ?? null,
  }))
  const storyOf = Map.groupBy(story, ({ incidentId }) => incidentId)
  const contacts = await tellContacts({
    incidentOf: (alert) => places.place(alert).incidentId,
    newsOf: (incidentId) => storyOf.get(incidentId) ?? [],
  })
  const alertOf = new Map(written.alerts.map((alert) => [alert.id, alert]))
  const checkOf = new Map(written.checks.map((check) => [check.id, check]))
  const fresh = freshNews({
    news,
    recorded,
    numbers,
    places,
    hearing,
    alertOf: (id) => alertOf.get(id),
    checkOf: (id) => checkOf.get(id),
  })
  return { queued: [...recorded.queued, ...contacts], fresh }
}

/** What alerts share is said once, to whatever any of their rules names. */
function tell(
  tx: Database,
  { news, happenings }: Telling,
  {
    chatsOf,
    connectionsOf,
    hearing,
  }: Pick<Destinations, 'chatsOf' | 'connectionsOf'> & Pick<Choices, 'hearing'>,
  now: Date,
): Promise<Recorded> {
  const alertsOf = Map.groupBy(
    happenings.map(({ alert }) => alert),
    ({ incidentId }) => incidentId,
  )
  const told = news.map(({ incidentId, reason, alert, severity, entry }) => ({
    incidentId,
    entry,
    reason,
    chats: chatsOf(alert, severity),
    connections: new Set((alertsOf.get(incidentId) ?? []).flatMap((one) => connectionsOf(one, severity))),
  }))
  return recordNews(tx, told, now, hearing)
}
