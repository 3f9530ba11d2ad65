import { withStanding } from '#db/repositories/incidents.ts'
import type { Place, Recorded } from '#db/repositories/notifications.ts'
import type { Parcel } from '#db/repositories/parcels.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { Incident } from '#engine/incident/incident.ts'
import type { IncidentNews } from './news-of-batch.ts'
import type { Places } from './place-incidents.ts'

/** An incident nobody has heard of yet, and what is to be said of it at one destination: what its rows say, still in memory. */
export interface FreshNews {
  readonly parcel: Parcel
  readonly incident: Incident
}

interface Written {
  readonly news: readonly IncidentNews[]
  readonly recorded: Recorded
  /** Of the incidents that were opened, by id. */
  readonly numbers: ReadonlyMap<string, number>
  readonly places: Places
  readonly hearing: readonly Place[]
  /** As they were written. */
  readonly alertOf: (alertId: string) => Alert | undefined
  readonly checkOf: (checkId: string) => Check | undefined
}

/** Of incidents that begin and of which nothing else happened yet; whoever tells them need not read them. */
export function freshNews(written: Written): FreshNews[] {
  const { news, recorded, hearing } = written
  const fresh = freshIncidents(written)
  const entries = new Map(recorded.entryIds.map((id, index) => [id, news[index]?.entry]))
  const destinationOf = new Map(hearing.map((place) => [place.id, place]))
  return recorded.queued.flatMap((row) => {
    const incident = fresh.get(row.incidentId ?? '')
    const destination = destinationOf.get(row.destinationId)
    if (!incident || !destination || row.reason !== 'first') return []
    const unsaid = [{ ...row, entry: entries.get(row.entryId) }]
    const untold = { receipt: undefined, digestId: undefined }
    return [{ incident, parcel: { incidentId: incident.id, destination, unsaid, ...untold } }]
  })
}

function freshIncidents({ news, numbers, places, alertOf, checkOf }: Written): ReadonlyMap<string, Incident> {
  const newsOf = Map.groupBy(news, ({ incidentId }) => incidentId)
  const incidents = places.opened.flatMap(({ id, environment, openedAt }) => {
    const [only, ...others] = newsOf.get(id) ?? []
    const number = numbers.get(id)
    const alert = only && alertOf(only.alert.id)
    const check = alert && checkOf(alert.checkId)
    if (!check || others.length > 0 || number === undefined) return []
    const incident: Incident = { id, number, environment, openedAt, closedAt: null, alerts: [alert] }
    return [withStanding(incident, [check])]
  })
  return new Map(incidents.map((incident) => [incident.id, incident]))
}
