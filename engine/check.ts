import type { CheckState } from './event.ts'

/** Entity + check name, with a state: what an event is measured against. */
export interface Check {
  readonly id: string
  readonly environment: string
  readonly key: string
  readonly entity: string
  readonly name: string
  readonly ruleId: string | null
  readonly state: CheckState
  readonly lastChangeAt: Date
  readonly lastSeenAt: Date
  /** Closed by hand while the source still failed: nobody hears again until it has been ok once. */
  readonly quietUntilClear: boolean
}
