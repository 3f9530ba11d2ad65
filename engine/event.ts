import { type EpochSeconds, epochSeconds } from './epoch-seconds.ts'
import type { Facts } from './facts.ts'
import type { Labels } from './labels.ts'
import type { Unit } from './message/message.ts'
import type { Actor } from './person.ts'

/** `info` is ours: failing, below unknown (Flapjack knows ok, warning, critical, unknown). */
export type CheckState = 'ok' | 'info' | 'warning' | 'critical' | 'unknown'

/** One thing said about one check: how it is, that somebody has it in hand, or that its alerting shall be tried out. */
export type CheckEvent = ServiceEvent | AcknowledgementEvent | TestEvent

export interface CheckSubject {
  /** `entity:check`; the entity in lower case, the check name as it was written. */
  readonly checkKey: string
  /** As it was written; whoever compares entities does so in lower case. */
  readonly entity: string
  readonly check: string
  readonly summary: string | null
  readonly details: string | null
  readonly tags: readonly string[]
  /** When the source says it was; shown, never used to decide anything. */
  readonly observedAt: EpochSeconds | null
}

export interface ServiceEvent extends CheckSubject {
  readonly kind: 'service'
  readonly state: CheckState
  readonly perfdata: string | null
  /** null = the default of the house; an override holds for this event only, the next one has to bring it again. */
  readonly initialFailureDelaySeconds: number | null
  /** As above; 0 = every event is told again, `never` = told once. */
  readonly repeatFailureDelaySeconds: number | 'never' | null
}

interface AcknowledgementEvent extends CheckSubject {
  readonly kind: 'acknowledgement'
  /** null = the default of the house. */
  readonly durationSeconds: number | null
  readonly acknowledgementId: string | null
  /** It holds for what is no worse than this; without it for everything (Flapjack). */
  readonly upTo?: Severity
}

interface TestEvent extends CheckSubject {
  readonly kind: 'test'
}

/** Everything from outside and every rule speaks this: one thing said about one check, and where it belongs. */
export type Event = CheckEvent & EventContext

/** The most common kind: how something is. */
export type HealthEvent = ServiceEvent & EventContext

interface EventContext {
  readonly environment: string
  /** One line for a person. */
  readonly title: string
  readonly labels: Labels
  readonly measurement?: Measurement
  readonly facts?: Facts
  readonly ruleId?: string
  /** Who acknowledges; without one it is the source. */
  readonly actor?: Actor
  /** Whoever pushed it, as people know them: `token ci`, an address. */
  readonly by?: string
  /**
   * `slot`: the answer for an instant; one that comes after the answer for a later instant decides nothing. `arrival`: it
   * counts when it comes, also after the clock was set back.
   */
  readonly judgedBy: 'slot' | 'arrival'
  /** Nobody could look just before: how long it has been so is not known, and does not count towards the initial delay. */
  readonly afterBlindness?: boolean
}

/** How something is, as rules and most sources tell it. */
export interface Sighting extends Omit<EventContext, 'judgedBy'> {
  /** What it is about: a service, a host. */
  readonly entity: string
  /** What is checked about it. */
  readonly check: string
  readonly state: CheckState
  /** The instant it speaks of; for a rule, the slot it was evaluated for. */
  readonly at: Date
  readonly summary: string
  /** Failing must last this long before anyone hears. A rule's forDurationSeconds is exactly this. */
  readonly initialFailureDelaySeconds: number
  /** Told again after this long while it still fails; 0 = never. A rule's reNotifyMinutes is exactly this. */
  readonly repeatFailureDelaySeconds: number
  readonly judgedBy?: EventContext['judgedBy']
}

/** Labels can be asked for as tags: `name=value`. */
export function serviceEvent(sighting: Sighting): HealthEvent {
  const { at, repeatFailureDelaySeconds, judgedBy = 'slot', ...same } = sighting
  return {
    ...same,
    kind: 'service',
    checkKey: checkKey(sighting),
    details: null,
    perfdata: null,
    tags: Object.entries(sighting.labels).map(([name, value]) => `${name}=${value}`),
    observedAt: epochSeconds(at),
    repeatFailureDelaySeconds: repeatFailureDelaySeconds === 0 ? 'never' : repeatFailureDelaySeconds,
    judgedBy,
  }
}

/** What came in from outside, for the house; without labels of its own. */
export function arrivedEvent(event: CheckEvent, environment: string): Event {
  return {
    ...event,
    environment,
    title: `${event.check} on ${event.entity}`,
    labels: {},
    judgedBy: 'arrival',
  }
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
export function checkKey(event: { readonly entity: string; readonly check: string }): string {
  return `${event.entity.toLowerCase()}:${event.check}`
}
