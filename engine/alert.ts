import type { Measurement, Severity } from './event.ts'
import type { Facts } from './facts.ts'
import type { Labels } from './labels.ts'
import type { Picture } from './message/message.ts'
import type { Actor } from './person.ts'

/**
 * One failing episode of one check. ACKNOWLEDGED is a view of FIRING: who acknowledged is kept beside the state, so
 * that an acknowledgement can never lose or invent a transition.
 */
export interface Alert {
  readonly id: string
  readonly checkId: string
  readonly incidentId: string | null
  /** Others may be in its incident, or may have been. */
  readonly sharesIncident: boolean
  readonly ruleId: string | null
  readonly environment: string
  readonly state: 'PENDING' | 'FIRING' | 'RESOLVED'
  readonly severity: Severity
  readonly title: string
  readonly summary: string
  readonly entity: string
  readonly labels: Labels
  readonly measurement: Measurement | null
  readonly facts: Facts
  readonly startedAt: Date
  readonly firedAt: Date | null
  readonly acknowledgedAt: Date | null
  readonly acknowledgedBy: Actor | null
  readonly resolvedAt: Date | null
  readonly resolvedBy: Actor | null
  readonly lastNotifiedAt: Date | null
  readonly picture: Picture | null
}

export type AlertView = 'PENDING' | 'FIRING' | 'ACKNOWLEDGED' | 'RESOLVED'

/** The four words of seed 004. */
export function alertView(alert: Pick<Alert, 'state' | 'acknowledgedAt'>): AlertView {
  return alert.state === 'FIRING' && alert.acknowledgedAt ? 'ACKNOWLEDGED' : alert.state
}

/** What we make of a severity, whatever its sender calls it: CRITICAL, WARNING or INFO. */
export const severityLabel = 'tocsin_severity'

/**
 * What silences and routes match on: what we know of it and, above that, the labels it came with, since its sender's
 * silences say `severity="critical"` as it was posted. Which check and which rule it is, and how severe, only we say.
 */
export function alertLabels(
  alert: Pick<Alert, 'labels' | 'checkId' | 'entity' | 'severity' | 'ruleId'>,
): Labels {
  const { ruleId: _forged, ...labels } = alert.labels
  return {
    entity: alert.entity,
    severity: alert.severity,
    ...labels,
    [severityLabel]: alert.severity,
    check: alert.checkId,
    ...(alert.ruleId !== null && { ruleId: alert.ruleId }),
  }
}
