import { webhookBody } from '#engine/dispatch/webhook-body.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import type { Labels } from '#engine/labels.ts'
import type { Subject } from './subject.ts'

/** An incident as Alertmanager's webhooks tell a group, version 4. */
export function alertmanagerBody(subject: Subject, receiver: string) {
  const { link, alerts, key } = subject
  const told = alerts.map((alert) => {
    const labels = labelsOf(alert)
    return {
      fingerprint: fingerprint(labels),
      labels,
      annotations: { summary: alert.title, description: alert.summary },
      startsAt: new Date(alert.startedAt),
      endsAt: alert.resolvedAt === null ? null : new Date(alert.resolvedAt),
      generatorUrl: link ?? '',
    }
  })
  const body = webhookBody({
    key,
    labels: { incident: String(subject.number) },
    receiver,
    alerts: told,
    externalUrl: link === null ? '' : new URL(link).origin,
    maxAlerts: 0,
  })
  return { ...body, truncatedAlerts: subject.alertCount - alerts.length }
}

function labelsOf({ labels, title, entity, severity }: Subject['alerts'][number]): Labels {
  return { alertname: title, entity, severity: severity.toLowerCase(), ...labels }
}
