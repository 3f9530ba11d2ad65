import { and, asc, eq, isNotNull, lte } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { incidents } from '#db/schema/alerts.ts'
import { incidentWatches } from '#db/schema/watches.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import { formatDuration } from '#engine/duration.ts'
import { unacknowledge } from '#engine/incident/decide.ts'
import { type Incident, incidentView } from '#engine/incident/incident.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import { reasonFor } from '#engine/notify/plan.ts'
import {
  beginWatch,
  decideWatch,
  type Watch,
  type WatchAction,
  type WatchPlan,
} from '#engine/notify/watch.ts'
import type { Actor } from '#engine/person.ts'
import { changeIncidentWithin, loadIncident, lockChecksOf } from './incidents.ts'
import { type News, recordNews } from './notifications.ts'

/** Incidents that have just opened, each with what happens until somebody acts. */
export async function saveWatches(
  tx: Database,
  opened: readonly { readonly incidentId: string; readonly plan: WatchPlan }[],
  now: Date,
): Promise<void> {
  if (opened.length === 0) return
  const rows = opened.map(({ incidentId, plan }) => {
    const { watch, dueAt } = beginWatch(plan, now)
    return { incidentId, dueAt, ...watch }
  })
  await tx.insert(incidentWatches).select(recordSet(incidentWatches, rows)).onConflictDoNothing()
}

export async function listDueWatches(db: Database, now: Date, limit: number): Promise<number[]> {
  const rows = await db
    .select({ number: incidents.number })
    .from(incidentWatches)
    .innerJoin(incidents, eq(incidents.id, incidentWatches.incidentId))
    .where(and(isNotNull(incidentWatches.dueAt), lte(incidentWatches.dueAt, now)))
    .orderBy(asc(incidentWatches.dueAt))
    .limit(limit)
  return rows.map(({ number }) => number)
}

interface Following {
  readonly now: Date
  readonly settings: DecisionSettings
}

const clock: Actor = { kind: 'clock' }

/** Does what is due for one incident, in one transaction → the notifications to be announced. */
export function followWatch(db: Database, number: number, following: Following): Promise<string[]> {
  const { now } = following
  return db.transaction(async (tx) => {
    // In the order of whoever acts on the incident: its checks, then what is planned for it.
    await lockChecksOf(tx, number)
    const { row, incident } = await loadIncident(tx, number)
    const [planned] = await tx
      .select()
      .from(incidentWatches)
      .where(eq(incidentWatches.incidentId, row.id))
      .for('update')
    if (!planned?.dueAt || planned.dueAt > now) return []
    const { watch, actions, dueAt } = decideWatch(planned, standingOf(incident), now)
    const ids: string[] = []
    for (const action of actions) ids.push(...(await carryOut(tx, { number, row, watch, action }, following)))
    const { step, waitedMs, waitingSince, askedAt } = watch
    await tx
      .update(incidentWatches)
      .set({ step, waitedMs, waitingSince, askedAt, dueAt })
      .where(eq(incidentWatches.incidentId, row.id))
    return ids
  })
}

function standingOf(incident: Incident) {
  const instants = incident.alerts.flatMap(({ state, acknowledgedAt }) =>
    state === 'FIRING' && acknowledgedAt ? acknowledgedAt.getTime() : [],
  )
  return {
    view: incidentView(incident),
    acknowledgedAt: instants.length > 0 ? new Date(Math.max(...instants)) : null,
  }
}

interface Doing {
  readonly number: number
  readonly row: { readonly id: string }
  readonly watch: Watch
  readonly action: WatchAction
}

async function carryOut(tx: Database, doing: Doing, following: Following): Promise<string[]> {
  const { number, row, watch, action } = doing
  const { now } = following
  switch (action.kind) {
    case 'unacknowledge': {
      const changed = await changeIncidentWithin(tx, number, unacknowledge(clock, now), following)
      return [...changed.notificationIds]
    }
    case 'ask': {
      const until = new Date(now.getTime() + watch.plan.unackAfterMs).toISOString()
      const lasted = formatDuration(action.acknowledgedForMs / 1000)
      return tell(tx, row.id, { at: now, actor: clock, kind: 'asked', details: { lasted, until } })
    }
    case 'escalate': {
      const { afterMs, receiver, chats, connections } = action.step
      const details = { about: receiver, lasted: formatDuration(afterMs / 1000) }
      const entry = { at: now, actor: clock, kind: 'escalated', details } as const
      return tell(tx, row.id, entry, {
        chats: chats === 'all' ? 'all' : new Set(chats),
        connections: new Set(connections),
      })
    }
  }
}

async function tell(
  tx: Database,
  incidentId: string,
  entry: TimelineEntry,
  whom: Pick<News, 'chats' | 'connections'> = {},
): Promise<string[]> {
  const news = { incidentId, entry, reason: reasonFor(entry.kind), ...whom }
  const { queued } = await recordNews(tx, [news], entry.at)
  return queued.map(({ id }) => id)
}
