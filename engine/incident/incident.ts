import { type Alert, type AlertView, alertView } from '#engine/alert.ts'
import { isWorse } from '#engine/event.ts'
import type { Suppression, Suppressions } from '#engine/suppress/suppression.ts'
import type { Wording } from '#engine/message/wording.ts'
import type { Flapping } from '#engine/check.ts'
import type { TimelineEntry } from './timeline.ts'

/** What people act on: alerts that belong together, by default one. `number` is the `#42` of every message. */
export interface Incident {
  readonly id: string
  readonly number: number
  readonly environment: string
  readonly openedAt: Date
  readonly closedAt: Date | null
  /** It was closed by hand, and its source still says that it fails; `reopensAt` null = it stays closed until it clears. */
  readonly stillFails?: { readonly reopensAt: Date | null }
  readonly flapping?: Pick<Flapping, 'changes' | 'windowSeconds'>
  /** At least one, oldest first. */
  readonly alerts: readonly [Alert, ...Alert[]]
}

/** Everything a message about it needs. */
export interface IncidentStory {
  readonly incident: Incident
  readonly timeline: readonly TimelineEntry[]
  /** Why nobody hears of it now. */
  readonly suppression: Suppression | undefined
  /** Of the rule behind its worst alert, where that rule has templates. */
  readonly wording?: Wording
}

/** Still firing beats acknowledged beats resolved: the word shows what is left to do. */
export function incidentView(incident: Incident): Exclude<AlertView, 'PENDING'> {
  const views = incident.alerts.map(alertView)
  if (views.includes('FIRING')) return 'FIRING'
  return views.includes('ACKNOWLEDGED') ? 'ACKNOWLEDGED' : 'RESOLVED'
}

/** The alert that speaks for the incident: the worst one still open, else the worst there was. */
export function worstAlert(incident: Incident): Alert {
  const open = incident.alerts.filter((alert) => alert.state !== 'RESOLVED')
  const candidates = open.length > 0 ? open : incident.alerts
  return candidates.reduce((worst, alert) => (isWorse(alert.severity, worst.severity) ? alert : worst))
}

/** An incident is kept quiet while each of its open alerts is: until the first of them may speak. */
export function suppressionOf(incident: Incident, suppressions: Suppressions): Suppression | undefined {
  const open = incident.alerts.filter((alert) => alert.state !== 'RESOLVED')
  const speaking: readonly Alert[] = open.length > 0 ? open : [worstAlert(incident)]
  const found = speaking.map((alert) => suppressions.get(alert.id))
  if (found.includes(undefined)) return undefined
  return found.reduce((soonest, next) => (soonest && next && next.until >= soonest.until ? soonest : next))
}
