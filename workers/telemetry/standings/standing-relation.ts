const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What reports how it is. */
export interface StandingRelation {
  readonly table: string
  readonly name: string
  readonly version: string
  /** What has reported nothing for so long is gone. */
  readonly reachMs: number
  /**
   * Who has been in its state for nearly as long as anybody looks back has been so for that long: by reports that leave the window one
   * by one nobody could say it to the second without keeping them all.
   */
  readonly longestMs: number
}

/** Agents report all the time. */
export const agents: StandingRelation = {
  table: 'agents',
  name: 'agent',
  version: "''",
  reachMs: dayMs,
  longestMs: dayMs - hourMs,
}

/** Deployments say only what changes. */
export const deployments: StandingRelation = {
  table: 'deployments',
  name: 'deployment',
  version: 'version',
  reachMs: 30 * dayMs,
  longestMs: 29 * dayMs,
}
