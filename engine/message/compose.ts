import { type Alert, alertView } from '#engine/alert.ts'
import { formatDuration } from '#engine/duration.ts'
import { type Incident, type IncidentStory, incidentView, worstAlert } from '#engine/incident/incident.ts'
import { type TimelineEntry, timelineLine } from '#engine/incident/timeline.ts'
import { actorName } from '#engine/person.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import type { Suppression } from '#engine/suppress/suppression.ts'
import { alertItems, countedAlerts } from './incident-alerts.ts'
import { wordAlert } from './wording.ts'
import { type Action, type Fact, type Line, type Message, message, type Tone } from './message.ts'

/** The living message about an incident, as it stands now; every surface shows this one and edits it in place. */
export function composeIncident(story: IncidentStory, now: Date): Message {
  const { incident, timeline } = story
  const alert = worstAlert(incident)
  const words = wordAlert(alert, story.wording)
  return message({
    tone: tone(incident),
    headline: headline(incident, words.title, now),
    lines: [[words.text], ...outlasted(story)],
    facts: [...facts(story, now), ...addresses(alert, words.text)],
    items: incident.alerts.length > 1 ? alertItems(incident, mostAlerts) : [],
    ...(alert.picture && { picture: alert.picture }),
    notes: timeline.slice(-3).map(note),
    actions: actions(incident),
  })
}

const mostAlerts = 8
const mostAlertsOfStory = 20

/** The same with its whole story, for `show`. */
export function composeStory(story: IncidentStory, now: Date): Message {
  const { incident, timeline } = story
  return {
    ...composeIncident(story, now),
    items: incident.alerts.length > 1 ? alertItems(incident, mostAlertsOfStory) : [],
    notes: timeline.slice(-20).map(note),
  }
}

export function tone(incident: Incident): Tone {
  const view = incidentView(incident)
  if (view === 'RESOLVED') return 'resolved'
  return view === 'ACKNOWLEDGED' ? 'acknowledged' : severityTone(worstAlert(incident))
}

function severityTone({ severity }: Alert): Tone {
  return severity === 'CRITICAL' ? 'critical' : severity === 'WARNING' ? 'warning' : 'info'
}

function headline(incident: Incident, title: string, now: Date): string {
  const alert = worstAlert(incident)
  const others = incident.alerts.length - 1
  const name = `#${incident.number} ${title}${others > 0 ? ` and ${others} more` : ''}`
  switch (incidentView(incident)) {
    case 'FIRING':
      return name
    case 'ACKNOWLEDGED':
      return `${name} — acknowledged by ${alert.acknowledgedBy ? actorName(alert.acknowledgedBy) : 'someone'}`
    case 'RESOLVED':
      return `${name} — ${alert.resolvedBy ? 'resolved' : 'cleared'} after ${lasted(incident, now)}`
  }
}

/** How long it was a problem: from the first breach, not from the moment we were sure enough to say so. */
export function lasted(incident: Incident, now: Date): string {
  const starts = incident.alerts.map((alert) => alert.startedAt.getTime())
  const ends = incident.alerts.map((alert) => (alert.resolvedAt ?? now).getTime())
  return formatDuration((Math.max(...ends) - Math.min(...starts)) / 1000)
}

/** Whoever reads it for the first time is told why only now. */
function outlasted({ incident, timeline }: IncidentStory): Line[] {
  const last = timeline.at(-1)
  return last?.kind === 'still-firing' && incidentView(incident) === 'FIRING' ? [timelineLine(last)] : []
}

function quiet(suppression: Suppression): Fact {
  if (suppression.kind === 'silence')
    return {
      label: 'Silenced until',
      value: [{ time: suppression.silence.endsAt.toISOString(), style: 'date' }],
    }
  const { number, title } = suppression.inhibitor
  return { label: 'Kept quiet by', value: [number === null ? title : `#${number} ${title}`] }
}

function facts({ incident, suppression }: IncidentStory, now: Date): Fact[] {
  const alert = worstAlert(incident)
  const started = alert.startedAt.toISOString()
  return [
    { label: 'State', value: [alertView(alert)] },
    { label: 'Severity', value: [alert.severity] },
    ...countedAlerts(incident),
    ...measured(alert),
    {
      label: 'Since',
      value: [{ time: started, style: 'clock' }, ' (', { time: started, style: 'relative' }, ')'],
    },
    ...(alert.resolvedAt ? [{ label: 'Lasted', value: [lasted(incident, now)] }] : []),
    ...stillFailing(incident),
    ...flapping(incident),
    { label: 'Where', value: [alert.entity, ' in ', incident.environment] },
    ...(suppression && !alert.resolvedAt ? [quiet(suppression)] : []),
  ]
}

/** A rule's own message stands in place of what was found; of whom it was found is not left out with it. */
function addresses({ facts: { clients = '' }, summary }: Alert, said: string): Fact[] {
  const isSaid = said === summary || said.includes(clients)
  return isSaid ? [] : [{ label: 'Addresses', value: [clients] }]
}

function stillFailing({ stillFails }: Incident): Fact[] {
  if (!stillFails) return []
  const { reopensAt } = stillFails
  const value: Line = reopensAt
    ? ['opens again ', { time: reopensAt.toISOString(), style: 'date' }, ' if it has not cleared by then']
    : ['stays closed until it clears once']
  return [{ label: 'Still failing', value }]
}

function flapping({ flapping: known }: Incident): Fact[] {
  if (!known) return []
  const { changes, windowSeconds } = known
  return [{ label: 'Flapping', value: [`${changes} changes in ${formatDuration(windowSeconds)}`] }]
}

function measured({ measurement }: Alert): Fact[] {
  if (!measurement) return []
  const { value, threshold, unit, breachesAbove } = measurement
  const now = value === null ? 'no data' : formatQuantity(value, unit)
  const limit = `${breachesAbove ? 'limit' : 'floor'} ${formatQuantity(threshold, unit)}`
  return [{ label: 'Value', value: [{ strong: now }, ` (${limit})`] }]
}

function note(entry: TimelineEntry): Line {
  return [{ time: entry.at.toISOString(), style: 'clock' }, ' ', ...timelineLine(entry)]
}

function actions(incident: Incident): Action[] {
  const view = incidentView(incident)
  const { number } = incident
  if (view === 'RESOLVED') return []
  return [
    ...(view === 'FIRING'
      ? [{ kind: 'button', label: 'Acknowledge', command: `ack ${number}`, style: 'primary' } as const]
      : []),
    {
      kind: 'menu',
      label: 'Silence',
      options: [
        { label: '30 minutes', command: `silence ${number} 30m` },
        { label: '1 hour', command: `silence ${number} 1h` },
        { label: '4 hours', command: `silence ${number} 4h` },
        { label: 'Until tomorrow', command: `silence ${number} until tomorrow` },
        { label: 'Custom…', command: `silence ${number}` },
      ],
    },
    { kind: 'button', label: 'Resolve', command: `resolve ${number}`, style: 'danger' },
  ]
}
