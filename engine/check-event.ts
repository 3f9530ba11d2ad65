import { type EpochSeconds, epochSeconds } from './epoch-seconds.ts'
import { checkKey, type CheckState, type Event } from './event.ts'

/** One thing said about one check: how it is, that somebody has it in hand, or that its alerting shall be tried out. */
export type CheckEvent = ServiceEvent | AcknowledgementEvent | TestEvent

export interface CheckSubject {
  /** `entity:check`; the entity in lower case, the check name as it was written. */
  readonly checkKey: string
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
}

interface TestEvent extends CheckSubject {
  readonly kind: 'test'
}

/** What a rule, Alertmanager or a webhook observed, for the same decision; its labels become tags `name=value`. */
export function asServiceEvent(event: Event): ServiceEvent {
  return {
    kind: 'service',
    state: event.state,
    checkKey: checkKey(event),
    entity: event.entity.toLowerCase(),
    check: event.check,
    summary: event.title,
    details: event.summary,
    perfdata: null,
    tags: Object.entries(event.labels).map(([name, value]) => `${name}=${value}`),
    observedAt: epochSeconds(event.at),
    initialFailureDelaySeconds: event.initialFailureDelaySeconds,
    repeatFailureDelaySeconds:
      event.repeatFailureDelaySeconds === 0 ? 'never' : event.repeatFailureDelaySeconds,
  }
}
