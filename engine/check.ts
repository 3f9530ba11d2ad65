import type { EpochSeconds } from './epoch-seconds.ts'
import { type CheckMemory, neverSeen } from './suppress/check-memory.ts'

/** Entity + check name, with a state: what an event is measured against. */
export interface Check {
  readonly id: string
  readonly environment: string
  readonly key: string
  readonly entity: string
  readonly name: string
  readonly ruleId: string | null
  /** Its state, since when, what was told of it, and its maintenances. */
  readonly memory: CheckMemory
  readonly closed: ClosedByHand | null
}

/** Known by name before any event told of it. */
export function unseenCheck(place: Pick<Check, 'id' | 'environment' | 'key' | 'entity' | 'name'>): Check {
  return { ...place, ruleId: null, memory: neverSeen, closed: null }
}

/** A person closed its alert while the source still failed: nobody hears again until it was ok once, or until it reopens. */
export interface ClosedByHand {
  readonly alertId: string
  /** Still failing then, the alert is open again; null = never. */
  readonly reopensAt: EpochSeconds | null
}
