import type { Database } from '#db/client.ts'
import { acknowledgeCheck } from '#engine/advance/acknowledge-check.ts'
import type { Moment } from '#engine/advance/batch.ts'
import { closeCheck } from '#engine/advance/close-check.ts'
import { historyOf } from '#engine/advance/history.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import { actorName } from '#engine/person.ts'
import { endUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import { recordHistory } from './check-history.ts'
import { saveChecks } from './checks.ts'
import { decideForContacts, type SaveTold } from './contact-alerts.ts'

/** The checks of an incident, locked for whoever changes it. */
export interface HeldChecks {
  readonly held: readonly Check[]
  readonly now: Date
  readonly settings: DecisionSettings
}

/** What a person did to alerts. */
interface Click {
  readonly alerts: readonly Alert[]
  readonly entry: Pick<TimelineEntry, 'actor'>
}

/** A click is an acknowledgement event like any other: the checks are quiet, and contacts hear of it. */
export async function acknowledgeChecks(
  tx: Database,
  place: HeldChecks,
  { alerts, entry }: Click,
): Promise<SaveTold> {
  const { now, settings } = place
  const by = actorName(entry.actor)
  const moments = withChecks(place, alerts).map(([alert, check]) =>
    acknowledgeCheck(check, alert, { now, by, settings: settings.notification }),
  )
  return saveMoments(tx, place, moments)
}

/** Nobody has it in hand any more: reminders go on. */
export async function endAcknowledgements(tx: Database, place: HeldChecks, { alerts }: Click): Promise<void> {
  const ended = withChecks(place, alerts).map(([, check]) => ({
    ...check,
    memory: endUnscheduledMaintenance(check.memory),
  }))
  await saveChecks(tx, ended)
}

/** To contacts it is over, as if it had recovered; the checks go on saying what their sources say. */
export async function closeChecks(
  tx: Database,
  place: HeldChecks,
  { alerts, entry }: Click,
  until: Date | null,
): Promise<SaveTold> {
  const { now, settings } = place
  const by = actorName(entry.actor)
  const reopensAt = until && epochSeconds(until)
  const closings = withChecks(place, alerts).flatMap(
    ([alert, check]) =>
      closeCheck(check, alert, { now, by, reopensAt, settings: settings.notification }) ?? [],
  )
  return saveMoments(
    tx,
    place,
    closings.map(({ moment }) => moment),
    closings.map(({ check }) => check),
  )
}

function withChecks({ held }: HeldChecks, alerts: readonly Alert[]): (readonly [Alert, Check])[] {
  const checkOf = new Map(held.map((check) => [check.id, check]))
  return alerts.flatMap((alert) => {
    const check = checkOf.get(alert.checkId)
    return check ? [[alert, check] as const] : []
  })
}

async function saveMoments(
  tx: Database,
  { held, now, settings }: HeldChecks,
  moments: readonly Moment[],
  kept: readonly Check[] = moments.map(({ check }) => check),
): Promise<SaveTold> {
  const save = await decideForContacts(tx, moments, { now, settings: settings.routing })
  await saveChecks(tx, kept)
  const before = new Map(held.map(({ id, memory }) => [id, memory]))
  await recordHistory(
    tx,
    historyOf(kept, ({ id, memory }) => before.get(id) ?? memory, epochSeconds(now)),
  )
  return save
}
