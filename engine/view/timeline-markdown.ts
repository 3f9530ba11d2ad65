import { type Alert, alertView } from '#engine/alert.ts'
import { type IncidentStory, incidentView, worstAlert } from '#engine/incident/incident.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { lasted } from '#engine/message/compose.ts'
import { fieldLine } from '#engine/message/field-text.ts'
import { markdownLine, markdownText } from '#engine/message/markdown-text.ts'
import type { Line } from '#engine/message/message.ts'
import { wordAlert } from '#engine/message/wording.ts'
import { actorName } from '#engine/person.ts'

interface Telling {
  readonly now: Date
  /** Where a person finds it in this house; undefined = nobody said at which address the house is. */
  readonly link: string | undefined
}

const mostAlerts = 100
const longest = { title: 300, summary: 4000, labels: 1000 } as const

/** What happened to an incident, from the beginning to now, for whoever writes down what is to be learned from it. */
export function timelineMarkdown(story: IncidentStory, telling: Telling): string {
  const { incident } = story
  const words = wordAlert(worstAlert(incident), story.wording)
  const sections = [
    `# Alert ${incident.number}: ${markdownText(fieldLine(words.title, longest.title))}`,
    list(facts(story, telling)),
    `Last said: ${markdownText(fieldLine(words.text, longest.summary))}`,
    '## Alerts',
    list(alerts(story)),
    '## Timeline',
    list(
      story.timeline.map((entry) => [
        { time: entry.at.toISOString(), style: 'date' },
        ': ',
        ...timelineLine(entry),
      ]),
    ),
  ]
  return `${sections.join('\n\n')}\n`
}

function facts({ incident }: IncidentStory, { now, link }: Telling): Line[] {
  const alert = worstAlert(incident)
  const view = incidentView(incident)
  const isOver = view === 'RESOLVED'
  return [
    [`State: ${view.toLowerCase()}`],
    [`Severity: ${alert.severity.toLowerCase()}`],
    [`Where: ${fieldLine(alert.entity, longest.title)} in ${incident.environment}`],
    ['Began: ', { time: began(incident.alerts).toISOString(), style: 'date' }],
    [`${isOver ? 'Lasted' : 'Lasts'}: ${lasted(incident, now)}`],
    ['Written: ', { time: now.toISOString(), style: 'date' }],
    ...(link === undefined ? [] : [[{ link: 'Open in Tocsin', href: link }]]),
  ]
}

function began(alerts: readonly Alert[]): Date {
  return new Date(Math.min(...alerts.map(({ startedAt }) => startedAt.getTime())))
}

function alerts({ incident }: IncidentStory): Line[] {
  const shown = incident.alerts.slice(0, mostAlerts).map(alertLine)
  const left = incident.alerts.length - shown.length
  return left > 0 ? [...shown, [`and ${left} more`]] : shown
}

function alertLine(alert: Alert): Line {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return [
    { strong: fieldLine(alert.title, longest.title) },
    ` ${alert.severity.toLowerCase()}, ${alertView(alert).toLowerCase()}${byWhom(alert)}: `,
    { time: alert.startedAt.toISOString(), style: 'date' },
    ...(alert.resolvedAt ? [' to ', { time: alert.resolvedAt.toISOString(), style: 'date' } as const] : []),
    ...(labels.length > 0 ? [`, ${fieldLine(labels.join(' '), longest.labels)}`] : []),
  ]
}

function byWhom({ acknowledgedBy, resolvedBy }: Alert): string {
  const who = resolvedBy ?? acknowledgedBy
  return who ? ` by ${actorName(who)}` : ''
}

function list(lines: readonly Line[]): string {
  return lines.map((line) => `- ${markdownLine(line)}`).join('\n')
}
