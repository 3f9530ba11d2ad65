import { randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { joinIncidents, type JoinedIncident, listStillFiring } from '#db/repositories/joinable-incidents.ts'
import type { Happened } from '#engine/advance/batch.ts'
import type { Alert } from '#engine/alert.ts'
import { isWorse, type Severity } from '#engine/event.ts'
import type { Destinations } from './destinations-of.ts'

interface OpenedIncident {
  readonly alertId: string
  readonly id: string
  readonly environment: string
  readonly openedAt: Date
}

/** Which incident each alert is in that fired now. */
export interface Places {
  /** Incidents of one alert, to be written down. */
  readonly opened: readonly OpenedIncident[]
  readonly place: (alert: Alert) => Alert
  /** Of an alert that is in one with others. */
  readonly sharedOf: (alert: Alert) => JoinedIncident | undefined
  /** Whether others of its incident fire on. */
  readonly goesOn: (alert: Alert) => boolean
}

/** By default each alert that fires is an incident of its own; a route may put several into one. */
export async function placeInIncidents(
  tx: Database,
  happenings: readonly Happened[],
  { sharedBy, now }: Pick<Destinations, 'sharedBy'> & { readonly now: Date },
): Promise<Places> {
  const fired = happenings.flatMap(({ alert, happening }) =>
    happening === 'fired' && alert.incidentId === null ? alert : [],
  )
  const joiners = fired.flatMap((alert) => {
    const shared = sharedBy(alert)
    return shared ? [{ alert, shared }] : []
  })
  const joined = await joinIncidents(tx, joiners, now)
  const sharedOf = new Map(
    joined.flatMap((incident) => incident.alerts.map(({ id }) => [id, incident] as const)),
  )
  const opened = fired
    .filter(({ id }) => !sharedOf.has(id))
    .map(({ id, environment }) => ({ alertId: id, id: randomUUID(), environment, openedAt: now }))
  const ownOf = new Map(opened.map(({ alertId, id }) => [alertId, id]))
  const place = (alert: Alert): Alert => {
    const shared = sharedOf.get(alert.id)
    if (shared) return { ...alert, incidentId: shared.id, sharesIncident: true }
    return alert.incidentId ? alert : { ...alert, incidentId: ownOf.get(alert.id) ?? null }
  }
  const ended = happenings.flatMap(({ alert, happening }) => (happening === 'recovered' ? place(alert) : []))
  const goesOn = await firesOn(tx, ended, joined)
  return {
    opened,
    place,
    sharedOf: ({ id }) => sharedOf.get(id),
    goesOn: ({ incidentId }) => incidentId !== null && goesOn.has(incidentId),
  }
}

/** Incidents that alerts share and some of them left with this batch, while others fire on. */
async function firesOn(
  tx: Database,
  ended: readonly Alert[],
  joined: readonly JoinedIncident[],
): Promise<ReadonlySet<string>> {
  const left = ended.filter(({ sharesIncident }) => sharesIncident)
  if (left.length === 0) return new Set()
  const leftIds = new Set(left.map(({ id }) => id))
  const still = await listStillFiring(
    tx,
    left.flatMap(({ incidentId }) => incidentId ?? []),
    [...leftIds],
  )
  // Those that join now are not written down yet, and some of them may have ended already.
  const justJoined = joined.filter(({ alerts }) => alerts.some(({ id }) => !leftIds.has(id)))
  return new Set([...still, ...justJoined.map(({ id }) => id)])
}

/** How bad the incident of an alert is, which decides who hears. */
export function incidentSeverity({ severity }: Alert, shared: JoinedIncident | undefined): Severity {
  const all = [shared?.worstBefore, ...(shared?.alerts ?? []).map((alert) => alert.severity)]
  return all.reduce<Severity>(
    (worst, one) => (one !== undefined && isWorse(one, worst) ? one : worst),
    severity,
  )
}
