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
  readonly flapping: Flapping | null
}

/** Known by name before any event told of it. */
export function unseenCheck(place: Pick<Check, 'id' | 'environment' | 'key' | 'entity' | 'name'>): Check {
  return { ...place, ruleId: null, memory: neverSeen, closed: null, flapping: null }
}

/** A person closed its alert while the source still failed: nobody hears again until it was ok once, or until it reopens. */
export interface ClosedByHand {
  readonly alertId: string
  /** Still failing then, the alert is open again; null = never. */
  readonly reopensAt: EpochSeconds | null
}

/** It changes its state so often that its turns are told together: as edits of the message of one alert. */
export interface Flapping {
  /** The alert that goes on through all turns. */
  readonly alertId: string
  /** How many there were in the window at the newest of them. */
  readonly changes: number
  readonly windowSeconds: number
  /** It has stopped then, if it does not change before. */
  readonly until: EpochSeconds
}
