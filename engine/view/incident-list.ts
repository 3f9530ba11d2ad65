import type { Alert } from '#engine/alert.ts'
import { alertView } from '#engine/alert.ts'
import { type Incident, incidentView, worstAlert } from '#engine/incident/incident.ts'
import { lasted, tone } from '#engine/message/compose.ts'
import { type Item, type Message, message } from '#engine/message/message.ts'
import { actorName } from '#engine/person.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'

interface IncidentPage {
  readonly only: 'open' | 'firing' | 'acknowledged' | 'resolved'
  readonly incidents: readonly Incident[]
  /** How many there are in all; the page may show fewer. */
  readonly total: number
}

/** At most this many in one answer: more is not a list, it is a storm. */
export const incidentsPerPage = 20

/** `/alert list`: worst first, with the one button that is most likely wanted. */
export function incidentList({ only, incidents, total }: IncidentPage, now: Date): Message {
  if (total === 0)
    return message({ headline: nothing[only], tone: only === 'resolved' ? 'neutral' : 'resolved' })
  const hidden = total - incidents.length
  return message({
    headline: `${total} ${only} ${total === 1 ? 'alert' : 'alerts'}`,
    tone: tone(incidents[0] as Incident),
    items: incidents.map((incident) => incidentItem(incident, now)),
    notes: hidden > 0 ? [[`${hidden} more not shown.`]] : [],
  })
}

const nothing: Record<IncidentPage['only'], string> = {
  open: 'All quiet: nothing is open.',
  firing: 'Nothing is firing that nobody has acknowledged.',
  acknowledged: 'Nothing is acknowledged and still open.',
  resolved: 'Nothing has been resolved yet.',
}

/** A row of a list: what it is, how it stands, and the button that is most likely wanted. */
export function incidentItem(incident: Incident, now: Date): Item {
  const alert = worstAlert(incident)
  const number = incident.number
  return {
    tone: tone(incident),
    line: [{ strong: `#${number} ${alert.title}` }],
    detail: [...state(alert), ' · ', ...value(alert), `${alert.entity} · `, since(incident, now)],
    action:
      incidentView(incident) === 'FIRING'
        ? { kind: 'button', label: 'Acknowledge', command: `ack ${number}`, style: 'primary' }
        : { kind: 'button', label: 'Show', command: `show ${number}` },
  }
}

function state(alert: Alert): string[] {
  const view = alertView(alert)
  if (view === 'ACKNOWLEDGED' && alert.acknowledgedBy)
    return [`acknowledged by ${actorName(alert.acknowledgedBy)}`]
  return [view === 'FIRING' ? alert.severity : view.toLowerCase()]
}

function value({ measurement }: Alert): string[] {
  return measurement && measurement.value !== null
    ? [`${formatQuantity(measurement.value, measurement.unit)} · `]
    : []
}

function since(incident: Incident, now: Date): string {
  const ended = incidentView(incident) === 'RESOLVED'
  return ended ? `lasted ${lasted(incident, now)}` : `for ${lasted(incident, now)}`
}
