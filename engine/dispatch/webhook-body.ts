import { compareText, type Labels } from '#engine/labels.ts'
import { compareAlertLabels } from '#engine/view/alertmanager.ts'

/** An alert as a webhook tells of it. */
export interface TellableAlert {
  readonly fingerprint: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly startsAt: Date
  /** null while it fires. */
  readonly endsAt: Date | null
  readonly generatorUrl: string
}

export interface TellableGroup {
  readonly key: string
  readonly labels: Labels
  readonly receiver: string
  readonly alerts: readonly TellableAlert[]
  readonly externalUrl: string
  /** 0 = no limit. */
  readonly maxAlerts: number
}

/** How Go writes a time that is not set. */
const zeroTime = '0001-01-01T00:00:00Z'

/** The body of Alertmanager's webhooks, version 4: alerts by job, instance and labels; never null, never absent. */
export function webhookBody({ key, labels, receiver, alerts, externalUrl, maxAlerts }: TellableGroup) {
  const sorted =
    alerts.length > 1 ? alerts.toSorted((one, other) => compareAlertLabels(one.labels, other.labels)) : alerts
  const sent = maxAlerts > 0 ? sorted.slice(0, maxAlerts) : sorted
  return {
    receiver,
    status: alerts.some(({ endsAt }) => endsAt === null) ? 'firing' : 'resolved',
    alerts: sent.map((alert) => ({
      status: alert.endsAt === null ? 'firing' : 'resolved',
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: alert.startsAt.toISOString(),
      endsAt: alert.endsAt?.toISOString() ?? zeroTime,
      generatorURL: alert.generatorUrl,
      fingerprint: alert.fingerprint,
    })),
    groupLabels: labels,
    commonLabels: common(sent.map((alert) => alert.labels)),
    commonAnnotations: common(sent.map((alert) => alert.annotations)),
    externalURL: externalUrl,
    version: '4',
    groupKey: key,
    truncatedAlerts: alerts.length - sent.length,
  }
}

function common([first, ...others]: readonly Labels[]): Labels {
  if (!first || others.length === 0) return first ?? {}
  return Object.fromEntries(
    Object.entries(first)
      .filter(([name, value]) => others.every((other) => other[name] === value))
      .sort(([one], [other]) => compareText(one, other)),
  )
}
