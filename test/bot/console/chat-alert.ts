import type { Alert } from '#engine/alert.ts'
import type { Picture } from '#engine/message/message.ts'

export const ordinaryAlert: Alert = {
  id: '',
  checkId: 'check',
  incidentId: null,
  sharesIncident: false,
  ruleId: null,
  environment: 'prod',
  state: 'FIRING',
  severity: 'CRITICAL',
  title: 'Card payments are failing',
  summary: 'Error rate over 1 min above 5 % on payment-service/authorize-card',
  entity: 'payment-service/authorize-card',
  labels: {},
  measurement: { value: 0.431, threshold: 0.05, unit: 'ratio', breachesAbove: true },
  facts: {},
  startedAt: new Date(0),
  firedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  resolvedBy: null,
  lastNotifiedAt: null,
  picture: null,
}

export function picture(firedAt: Date): Picture {
  const quiet = Array.from({ length: 44 }, (_, at) => 0.004 + 0.006 * Math.abs(Math.sin(at * 1.7)))
  const loud = [0.06, 0.14, 0.27, 0.36, 0.42, 0.45, 0.43, 0.44, 0.41, 0.43]
  return {
    from: new Date(firedAt.getTime() - 44 * 15_000).toISOString(),
    stepSeconds: 15,
    values: [...quiet.slice(0, 20), null, null, ...quiet.slice(22), ...loud],
    threshold: 0.05,
    unit: 'ratio',
    breachesAbove: true,
    marks: [firedAt.toISOString()],
  }
}
