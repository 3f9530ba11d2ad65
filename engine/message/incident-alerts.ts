import { type Alert, alertView } from '#engine/alert.ts'
import { isWorse } from '#engine/event.ts'
import type { Incident } from '#engine/incident/incident.ts'
import { actorName } from '#engine/person.ts'
import type { Fact, Item, Tone } from './message.ts'

/** The alerts of an incident that has several, worst first: open ones before those that are over. */
export function alertItems({ number, alerts }: Incident, most: number): Item[] {
  const placed = alerts.map((alert, index) => ({ alert, position: index + 1 })).toSorted(worseFirst)
  const items = placed.slice(0, most).map(({ alert, position }): Item => ({
    tone: toneOf(alert),
    line: [{ strong: alert.title }, ` · ${alert.entity}`],
    detail: [detailOf(alert)],
    ...(alert.state === 'FIRING' && {
      action: { kind: 'button', label: 'Resolve', command: `resolve ${number}.${position}` } as const,
    }),
  }))
  const hidden = alerts.length - items.length
  const rest: Item = { tone: 'neutral', line: [`${hidden} more: `, { code: `show ${number}` }] }
  return hidden > 0 ? [...items, rest] : items
}

/** `5 firing, 2 acknowledged, 1 over`; nothing where there is one alone. */
export function countedAlerts({ alerts }: Incident): Fact[] {
  if (alerts.length === 1) return []
  const views = alerts.map(alertView)
  const count = (view: string) => views.filter((one) => one === view).length
  const parts = [
    [count('FIRING'), 'firing'],
    [count('ACKNOWLEDGED'), 'acknowledged'],
    [count('RESOLVED'), 'over'],
  ] as const
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return [{ label: 'Alerts', value: [told.join(', ')] }]
}

type Placed = { readonly alert: Alert; readonly position: number }

function worseFirst({ alert: one, position }: Placed, { alert: other, position: place }: Placed): number {
  const isOver = ({ state }: Alert) => Number(state === 'RESOLVED')
  if (isOver(one) !== isOver(other)) return isOver(one) - isOver(other)
  if (isWorse(one.severity, other.severity)) return -1
  return isWorse(other.severity, one.severity) ? 1 : position - place
}

function toneOf(alert: Alert): Tone {
  const view = alertView(alert)
  if (view === 'RESOLVED') return 'resolved'
  if (view === 'ACKNOWLEDGED') return 'acknowledged'
  return alert.severity === 'CRITICAL' ? 'critical' : alert.severity === 'WARNING' ? 'warning' : 'info'
}

function detailOf(alert: Alert): string {
  const { severity, summary, acknowledgedBy, resolvedBy } = alert
  switch (alertView(alert)) {
    case 'RESOLVED':
      return resolvedBy ? `resolved by ${actorName(resolvedBy)}` : 'cleared'
    case 'ACKNOWLEDGED':
      return `${severity}, acknowledged by ${acknowledgedBy ? actorName(acknowledgedBy) : 'someone'}`
    default:
      return summary === '' ? severity : `${severity}: ${summary.slice(0, 200)}`
  }
}
