import { z } from 'zod'
import { numberLabel, runLabel } from './alerts.ts'

export type AlertState = 'firing' | 'resolved'

/** One webhook, as far as the accounts need it. */
export interface HeardWebhook {
  /** When its last byte was read. */
  readonly atMs: number
  readonly group: string
  readonly alerts: readonly HeardAlert[]
}

interface HeardAlert {
  readonly run: string | undefined
  readonly number: number
  readonly state: AlertState
}

/** Version 4. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
const webhookShape = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  receiver: z.string(),
  truncatedAlerts: z.literal(0).optional(),
  alerts: z
    .array(z.object({ status: z.enum(['firing', 'resolved']), labels: z.record(z.string(), z.string()) }))
    .min(1),
})

/** Throws at whatever is no such webhook: a server that sends something else is not measured. */
export function readWebhook(body: string, atMs: number): HeardWebhook {
  const { groupKey, receiver, alerts } = webhookShape.parse(JSON.parse(body))
  return {
    atMs,
    group: `${receiver} ${groupKey}`,
    alerts: alerts.map(({ status, labels }) => ({
      run: labels[runLabel],
      number: Number(labels[numberLabel]),
      state: status,
    })),
  }
}
