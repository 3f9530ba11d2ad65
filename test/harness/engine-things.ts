import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { type CheckState, type HealthEvent, serviceEvent, type Sighting } from '#engine/event.ts'
import type { Incident } from '#engine/incident/incident.ts'
import type { Actor } from '#engine/person.ts'
import type { Measured } from '#engine/telemetry/telemetry.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'

/** Midnight of an ordinary day; tables count from here. */
export const start = new Date('2026-11-21T00:00:00Z')

export function after(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000)
}

export const ana: Actor = { kind: 'person', id: 'p1', name: 'Ana', surface: 'local' }

export function anEvent(parts: Partial<Sighting> = {}): HealthEvent {
  return serviceEvent({
    environment: 'prod',
    entity: 'payment-service',
    check: 'errors',
    state: 'critical',
    at: start,
    title: 'Card payments are failing',
    summary: 'Error rate is 24 %.',
    labels: { app: 'payment-service' },
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 0,
    ...parts,
  })
}

export function aCheck(parts: Partial<Check> = {}): Check {
  return {
    id: 'check-1',
    environment: 'prod',
    key: 'payment-service:errors',
    entity: 'payment-service',
    name: 'errors',
    ruleId: null,
    memory: neverSeen,
    closed: null,
    flapping: null,
    ...parts,
  }
}

/** In this state since then; whoever it had to tell was told, in the words of `anEvent`. */
export function aMemory(state: CheckState, since: Date = start): CheckMemory {
  const at = epochSeconds(since)
  const summary = 'Error rate is 24 %.'
  const notified =
    state === 'ok' ? neverSeen.notified : { last: state, lastProblemAt: at, worstSinceRecovery: state }
  return { ...neverSeen, isEnabled: true, summary, lastChange: { state, at, summary }, notified }
}

export function anAlert(parts: Partial<Alert> = {}): Alert {
  return {
    id: 'alert-1',
    checkId: 'check-1',
    incidentId: 'incident-1',
    sharesIncident: false,
    ruleId: null,
    environment: 'prod',
    state: 'FIRING',
    severity: 'CRITICAL',
    title: 'Card payments are failing',
    summary: 'Error rate is 24 %.',
    entity: 'payment-service',
    labels: { app: 'payment-service' },
    measurement: { value: 0.24, threshold: 0.05, unit: 'ratio', breachesAbove: true },
    facts: {},
    startedAt: start,
    firedAt: start,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    lastNotifiedAt: start,
    picture: null,
    ...parts,
  }
}

export function anIncident(...alerts: readonly Partial<Alert>[]): Incident {
  const [first = anAlert(), ...rest] = alerts.map((parts, index) =>
    anAlert({ id: `alert-${index + 1}`, ...parts }),
  )
  return {
    id: 'incident-1',
    number: 42,
    environment: 'prod',
    openedAt: start,
    closedAt: null,
    alerts: [first, ...rest],
  }
}

/** Everything has arrived. */
export function settled<Figures>(figures: Figures): Measured<Figures> {
  return { early: figures, settled: figures }
}
