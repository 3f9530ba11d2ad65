import { fingerprint } from '#engine/fingerprint.ts'
import { isLabelName, isStorableText, type LabelNameRule, type Labels } from '#engine/labels.ts'
import type { PostedAlert } from '#engine/posted-alert.ts'
import { type AlertBody, readAlertBodies } from './alertmanager-body.ts'
import { type ApiRefusal, refuse } from './api-refusal.ts'

/** Where and when a batch arrives, and how this house reads it. */
export interface AlertArrival {
  readonly now: Date
  /** An alert without an end is over this long after it was last posted. */
  readonly resolveTimeoutSeconds: number
  readonly names: LabelNameRule
}

/** Good alerts of a partly bad batch are taken all the same, and the sender is still told 400. */
export interface ReadAlerts {
  readonly accepted: readonly PostedAlert[]
  /** How many there were; of a body that cannot be read, one. */
  readonly posted: number
  readonly refusal?: ApiRefusal
}

/**
 * The body of `POST /api/v2/alerts`, as Prometheus sends it:
 *
 *     [{
 *       "labels": { "alertname": "HighErrorRate", "severity": "critical", "instance": "orders-1:9100", "job": "orders" },
 *       "annotations": { "summary": "Orders fail", "description": "5.2 % of requests fail." },
 *       "startsAt": "2026-01-31T10:00:00.000Z",
 *       "endsAt": "2026-01-31T10:04:00.000Z",
 *       "generatorURL": "http://prometheus.example/graph?g0.expr=..."
 *     }]
 *
 * A body that is no such array is refused whole; an alert whose content is impossible is refused alone.
 */
export function readPostedAlerts(text: string, arrival: AlertArrival): ReadAlerts {
  const read = readAlertBodies(text)
  if ('refusal' in read) return { accepted: [], posted: 1, refusal: read.refusal }
  const alerts = read.bodies.map((body) => toPostedAlert(body, arrival))
  const judged = alerts.map((alert) => ({ alert, problem: problemOf(alert, arrival.names) }))
  const problems = judged.flatMap(({ problem }) => problem ?? [])
  const accepted = judged.filter(({ problem }) => problem === undefined).map(({ alert }) => alert)
  return { accepted, posted: judged.length, ...(problems.length > 0 && { refusal: refuse(told(problems)) }) }
}

const mostTold = 20

function told(problems: readonly string[]): string {
  const rest = problems.length - mostTold
  return problems.slice(0, mostTold).join('; ') + (rest > 0 ? `; and ${rest} more` : '')
}

function toPostedAlert(body: AlertBody, { now, resolveTimeoutSeconds }: AlertArrival): PostedAlert {
  const labels = withoutEmpty(body.labels)
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: body.annotations,
    startsAt: body.startsAt ?? body.endsAt ?? now,
    endsAt: body.endsAt ?? new Date(now.getTime() + resolveTimeoutSeconds * 1000),
    endsByTimeout: body.endsAt === undefined,
    updatedAt: now,
    generatorUrl: body.generatorUrl,
  }
}

/** An empty value means the label is not there; empty annotations are kept. */
function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))
}

function problemOf(alert: PostedAlert, names: LabelNameRule): string | undefined {
  if (alert.endsAt < alert.startsAt) return 'start time must be before end time'
  const badLabel = badPair(alert.labels, names)
  if (badLabel !== undefined) return `invalid label set: ${badLabel}`
  if (Object.keys(alert.labels).length === 0) return 'at least one label pair required'
  const badAnnotation = badPair(alert.annotations, names)
  return badAnnotation === undefined ? undefined : `invalid annotations: ${badAnnotation}`
}

function badPair(pairs: Labels, names: LabelNameRule): string | undefined {
  for (const [name, value] of Object.entries(pairs)) {
    if (!isLabelName(name, names)) return `invalid name ${JSON.stringify(name.slice(0, 200))}`
    if (!isStorableText(value))
      return `the value of ${JSON.stringify(name)} holds a NUL or half a character: remove it`
  }
  return undefined
}
