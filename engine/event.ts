import type { Labels } from './labels.ts'
import type { Unit } from './message/message.ts'

/** `info` is ours: failing, below unknown (Flapjack knows ok, warning, critical, unknown). */
export type CheckState = 'ok' | 'info' | 'warning' | 'critical' | 'unknown'

/** What is observed of one check at one time; everything from outside and every rule speaks this. */
export interface Event {
  readonly environment: string
  /** What it is about: a service, a host. */
  readonly entity: string
  /** What is checked about it. */
  readonly check: string
  readonly state: CheckState
  /** The instant it speaks of; for a rule, the slot it was evaluated for. */
  readonly at: Date
  /** One line for a person. */
  readonly title: string
  readonly summary: string
  readonly labels: Labels
  readonly measurement?: Measurement
  readonly ruleId?: string
  /** Failing must last this long before anyone hears. A rule's forDurationSeconds is exactly this. */
  readonly initialFailureDelaySeconds: number
  /** Told again after this long while it still fails; 0 = never. A rule's reNotifyMinutes is exactly this. */
  readonly repeatFailureDelaySeconds: number
}

export interface Measurement {
  readonly value: number | null
  readonly threshold: number
  readonly unit: Unit
  readonly breachesAbove: boolean
}

export type Severity = 'CRITICAL' | 'WARNING' | 'INFO'

const severityOf: Record<Exclude<CheckState, 'ok'>, Severity> = {
  critical: 'CRITICAL',
  warning: 'WARNING',
  unknown: 'WARNING',
  info: 'INFO',
}

export function severity(state: Exclude<CheckState, 'ok'>): Severity {
  return severityOf[state]
}

const severityRank: Record<Severity, number> = { INFO: 0, WARNING: 1, CRITICAL: 2 }

export function isWorse(one: Severity, other: Severity): boolean {
  return severityRank[one] > severityRank[other]
}

/** Entities are the same whatever their case; check names are not (Flapjack's event id). */
export function checkKey(event: Pick<Event, 'entity' | 'check'>): string {
  return `${event.entity.toLowerCase()}:${event.check}`
}
