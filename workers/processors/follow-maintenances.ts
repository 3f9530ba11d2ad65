import type { Database } from '#db/client.ts'
import {
  listFiringOf,
  type MaintenanceTurn,
  takeMaintenanceTurns,
  tellOf,
} from '#db/repositories/maintenance-turns.ts'
import { listOpenAlertsOf } from '#db/repositories/checks.ts'
import { listPostedKeys } from '#db/repositories/posted-alerts.ts'
import { retell } from '#db/repositories/retell.ts'
import { listForDurations } from '#db/repositories/rules.ts'
import { lookAgain } from '#engine/advance/look-again.ts'
import type { Check } from '#engine/check.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import type { Event } from '#engine/event.ts'
import { takeIn } from './take-in.ts'

/**
 * Maintenances that began or ended are announced. What is over is looked at again at once: nobody may speak of a check for
 * hours, and whoever relies on the maintenance relies on hearing after it.
 */
export async function followMaintenances(
  db: Database,
  now: Date,
  settings: DecisionSettings,
): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    const turns = await takeMaintenanceTurns(tx, now)
    const ids: string[] = []
    for (const turn of turns) ids.push(...(await followOne(tx, turn, { now, settings })))
    return ids
  })
}

async function followOne(
  tx: Database,
  turn: MaintenanceTurn,
  { now, settings }: { now: Date; settings: DecisionSettings },
): Promise<string[]> {
  const { maintenance, kind, released } = turn
  const events = await eventsOf(tx, released, now)
  const { notificationIds: fired } = await takeIn(tx, events, now, settings)
  const failing = new Set(events.map(({ checkKey }) => checkKey))
  const checks = released.filter(({ key }) => failing.has(key))
  const outlasting = (await listFiringOf(tx, checks)).filter(
    ({ alert }) => alert.startedAt < maintenance.endsAt,
  )
  const { told, notificationIds } = await retell(tx, outlasting, 'maintenance', now)
  const firing = [...new Set(told.map(({ number }) => number))]
  const announced = kind ? await tellOf(tx, { maintenance, kind, firing }, now) : []
  return [...fired, ...notificationIds, ...announced]
}

/** A rule says by itself what it sees, but only once it has failed for as long as the rule wants. */
async function eventsOf(tx: Database, released: readonly Check[], now: Date): Promise<Event[]> {
  if (released.length === 0) return []
  const [alerts, forDurations, posted] = await Promise.all([
    listOpenAlertsOf(
      tx,
      released.map(({ id }) => id),
    ),
    listForDurations(
      tx,
      released.flatMap(({ ruleId }) => (ruleId === null ? [] : [ruleId])),
    ),
    listPostedKeys(
      tx,
      released.map(({ key }) => key),
    ),
  ])
  const alertOf = new Map(alerts.map((alert) => [alert.checkId, alert]))
  return released.flatMap((check) => {
    const alert = alertOf.get(check.id)
    if (!alert) return []
    const ofRule = check.ruleId === null ? undefined : forDurations.get(check.ruleId)
    const initialFailureDelaySeconds = ofRule ?? (posted.has(check.key) ? 0 : null)
    return lookAgain({ check, alert, now, initialFailureDelaySeconds }) ?? []
  })
}
