import { type CheckState, type HealthEvent, serviceEvent } from '#engine/event.ts'
import { labelValue, type Labels } from '#engine/labels.ts'
import { isResolved, type PostedAlert } from '#engine/posted-alert.ts'
import { stateOfSeverity } from './severity-word.ts'

export interface AlertSituation {
  readonly environment: string
  readonly now: Date
  readonly repeatFailureDelaySeconds: number
}

/** Alertmanager's own default for its repeat_interval. */
export const alertRepeatSeconds = 4 * 3600

/** The label that says what an alert is about: the most particular one it has. */
const entityLabels = [
  'instance',
  'host',
  'hostname',
  'node',
  'pod',
  'service',
  'app',
  'job',
  'alertname',
] as const

/**
 * What an alert says at `now`, for the one state machine of the house. The check is the fingerprint, so that every label
 * set is a check of its own, whatever its entity is called. It speaks of `now`, not of
 * startsAt or endsAt: Alertmanager judges by arrival, and a resolve dated before the last resend is not old news.
 */
export function alertEvent(alert: PostedAlert, situation: AlertSituation): HealthEvent {
  const { labels, annotations } = alert
  return serviceEvent({
    judgedBy: 'arrival',
    environment: situation.environment,
    entity: firstValue(labels, entityLabels) ?? 'alertmanager',
    check: alert.fingerprint,
    state: alertState(alert, situation.now),
    at: situation.now,
    title:
      firstValue(labels, ['alertname']) ??
      firstValue(annotations, ['summary', 'title']) ??
      `Alert ${alert.fingerprint}`,
    summary: summarize(annotations),
    labels,
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: situation.repeatFailureDelaySeconds,
  })
}

/** A source that names no severity we know is heard as a warning: worth a message, not worth a night. */
function alertState(alert: PostedAlert, now: Date): CheckState {
  if (isResolved(alert, now)) return 'ok'
  return stateOfSeverity(labelValue(alert.labels, 'severity')) ?? 'warning'
}

function summarize(annotations: Labels): string {
  const parts = [
    firstValue(annotations, ['summary', 'title']),
    firstValue(annotations, ['description', 'message']),
  ]
  return [...new Set(parts.filter((part) => part !== undefined))].join('\n')
}

function firstValue(pairs: Labels, names: readonly string[]): string | undefined {
  return names.map((name) => labelValue(pairs, name)).find((value) => value !== '')
}
