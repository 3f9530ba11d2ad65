import type { Database } from '#db/client.ts'
import { holdLane } from '#db/repositories/lanes.ts'
import { healthy, isPaused, isProbing, type LaneHealth } from '#engine/notify/lane-health.ts'

/** Longer than any vendor may take, twice over: what is begun in its first half ends in it. */
const leaseMs = 40_000

/** Somebody else tells this destination now. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost'
}

export interface LaneHold {
  /** Holds on while there is something to tell; false = it is not ours, or has to pause. */
  isFree(): Promise<boolean>
  /** Throws LaneLost where somebody else has begun to tell. */
  stillOurs(): Promise<void>
  /** When nothing may be tried before. */
  pausedUntil(): Date | null
  isProbing(): boolean
  health: LaneHealth
}

interface Holding {
  readonly db: Database
  readonly destinationId: string
  readonly holder: string
  readonly clock: () => Date
}

export function openLaneHold({ db, destinationId, holder, clock }: Holding): LaneHold {
  let heldUntil = 0
  let asking: Promise<boolean> | undefined
  const isHeld = async () => {
    if (heldUntil - clock().getTime() > leaseMs / 2) return true
    // Of many that are about to be told, one asks.
    asking ??= ask().finally(() => (asking = undefined))
    return asking
  }
  const ask = async () => {
    const now = clock()
    const health = await holdLane(db, { destinationId, holder, now, leaseMs })
    heldUntil = health ? now.getTime() + leaseMs : 0
    if (health) hold.health = health
    return health !== undefined
  }
  const hold: LaneHold = {
    health: healthy,
    isFree: async () => (await isHeld()) && !isPaused(hold.health, clock()),
    stillOurs: async () => {
      if (!(await isHeld())) throw new LaneLost(`another process tells destination ${destinationId}`)
    },
    pausedUntil: () => (isPaused(hold.health, clock()) ? hold.health.resumeAt : null),
    isProbing: () => isProbing(hold.health),
  }
  return hold
}
