import type { Recipient } from '#engine/connection/connection.ts'
import type { Reason } from '#engine/notify/plan.ts'
import type { Subject, Tellable } from './subject.ts'

type WebhookEventType =
  | 'alert.opened'
  | 'alert.reopened'
  | 'alert.acknowledged'
  | 'alert.resolved'
  | 'alert.severity_changed'
  | 'alert.reminder'
  | 'alert.escalated'
  | 'alert.unacknowledged'
  | 'alert.silenced'
  | 'alert.updated'
  | 'notice'

const typeOf: Record<Reason, WebhookEventType> = {
  first: 'alert.opened',
  'still-firing': 'alert.opened',
  reopened: 'alert.reopened',
  acknowledged: 'alert.acknowledged',
  resolved: 'alert.resolved',
  recovered: 'alert.resolved',
  'severity-rise': 'alert.severity_changed',
  more: 'alert.updated',
  reminder: 'alert.reminder',
  escalated: 'alert.escalated',
  asked: 'alert.reminder',
  unacknowledged: 'alert.unacknowledged',
  silenced: 'alert.silenced',
  cleared: 'alert.updated',
  flapping: 'alert.updated',
  edit: 'alert.updated',
  announcement: 'notice',
}

function webhookEventType({ subject }: Tellable): WebhookEventType {
  return subject ? typeOf[subject.reason] : 'notice'
}

/** Receivers cut what is longer than they expect; Standard Webhooks asks for less than 20 KB. */
const mostBytes = 20_000

/** Our own event, as Standard Webhooks frames it; `contact`: whom it is carried to. `sequence` rises with every event of an incident. */
export function webhookEvent(message: Tellable, at: Date, contact?: Recipient): string {
  const type = webhookEventType(message)
  const data = message.subject ?? { title: message.headline }
  const frame = (inside: object) =>
    JSON.stringify({
      type,
      timestamp: at.toISOString(),
      sequence: at.getTime(),
      data: inside,
      ...(contact && { contact }),
    })
  const whole = frame(data)
  const { subject } = message
  if (byteLength(whole) < mostBytes || !subject) return whole
  const smaller = shorter.map((size) => frame(shortened(subject, size)))
  return smaller.find((text) => byteLength(text) < mostBytes) ?? frame(shortened(subject, smallest))
}

interface Size {
  readonly alerts: number
  readonly labels: number
  /** Characters of a text; as JSON one may take six bytes. */
  readonly longest: number
}

const smallest: Size = { alerts: 0, labels: 0, longest: 100 }
const shorter: readonly Size[] = [
  { alerts: 3, labels: 20, longest: 1000 },
  { alerts: 0, labels: 20, longest: 300 },
  { alerts: 0, labels: 5, longest: 200 },
]

/** The worst few of its alerts, and the beginning of long texts; what it is about is never left out. */
function shortened(subject: Subject, { alerts, labels, longest }: Size): Subject {
  const { acknowledgedBy, notification, facts } = subject
  return {
    ...subject,
    title: cut(subject.title, longest),
    summary: cut(subject.summary, longest),
    entity: cut(subject.entity, longest),
    environment: cut(subject.environment, longest),
    acknowledgedBy: acknowledgedBy === null ? null : cut(acknowledgedBy, longest),
    labels: fewLabels(subject.labels, labels, longest),
    ...(facts && { facts: fewLabels(facts, labels, longest) }),
    ...(notification && { notification: cutWords(notification, longest) }),
    alerts: subject.alerts.slice(0, alerts).map((alert) => ({
      ...alert,
      title: cut(alert.title, 300),
      summary: cut(alert.summary, 300),
      labels: fewLabels(alert.labels, labels, 300),
    })),
  }
}

function fewLabels(labels: Subject['labels'], most: number, longest: number): Subject['labels'] {
  return Object.fromEntries(
    Object.entries(labels)
      .slice(0, most)
      .map(([name, value]) => [cut(name, 100), cut(value, Math.min(longest, 200))]),
  )
}

function cutWords({ title, message }: NonNullable<Subject['notification']>, longest: number) {
  return { title: cut(title, longest), message: cut(message, longest) }
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
