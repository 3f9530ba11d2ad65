import type { CheckMemory } from './suppress/check-memory.ts'

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
  /** Closed by hand while the source still failed: nobody hears again until it has been ok once. */
  readonly quietUntilClear: boolean
}
