import { randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { joinIncidents, type JoinedIncident, listStillFiring } from '#db/repositories/joinable-incidents.ts'
import type { Happening } from '#engine/advance/advance.ts'
import type { Alert } from '#engine/alert.ts'
import { isWorse, type Severity } from '#engine/event.ts'
import type { Destinations } from './destinations-of.ts'

export interface Happened {
  readonly alert: Alert
  readonly happening: Happening
}

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
  const goesOn = await firesOn(tx, happenings, joined)
  return {
    opened,
    place: (alert) => {
      const shared = sharedOf.get(alert.id)
      if (shared) return { ...alert, incidentId: shared.id, sharesIncident: true }
      return alert.incidentId ? alert : { ...alert, incidentId: ownOf.get(alert.id) ?? null }
    },
    sharedOf: ({ id }) => sharedOf.get(id),
    goesOn: ({ incidentId }) => incidentId !== null && goesOn.has(incidentId),
  }
}

async function firesOn(
  tx: Database,
  happenings: readonly Happened[],
  joined: readonly JoinedIncident[],
): Promise<ReadonlySet<string>> {
  const ended = happenings.flatMap(({ alert, happening }) =>
    happening === 'recovered' && alert.sharesIncident ? alert : [],
  )
  if (ended.length === 0) return new Set()
  const still = await listStillFiring(
    tx,
    ended.flatMap(({ incidentId }) => incidentId ?? []),
    ended.map(({ id }) => id),
  )
  return new Set([...still, ...joined.map(({ id }) => id)])
}

/** How bad the incident of an alert is, which decides who hears. */
export function incidentSeverity({ severity }: Alert, shared: JoinedIncident | undefined): Severity {
  const all = [shared?.worstBefore, ...(shared?.alerts ?? []).map((alert) => alert.severity)]
  return all.reduce<Severity>(
    (worst, one) => (one !== undefined && isWorse(one, worst) ? one : worst),
    severity,
  )
}
