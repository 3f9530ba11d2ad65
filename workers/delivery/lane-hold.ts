import { performance } from 'node:perf_hooks'
import type { Database } from '#db/client.ts'
import { doubt } from '#db/repositories/doubts.ts'
import { type HeldLane, holdLane, saveUnderway } from '#db/repositories/lanes.ts'
import { healthy, isPaused, isProbing, type LaneHealth } from '#engine/notify/lane-health.ts'
import type { Presence } from './presence.ts'

/** Longer than any vendor may take, twice over: what is begun in its first half ends in it. */
const leaseMs = 40_000
const longestCallMs = leaseMs / 2

/** `session`: of ours, in which it was taken; `since`: when (`performance.now`), and held ever since. */
const nobodys = { until: 0, session: 0, since: Infinity }

/** Somebody else tells this destination now. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost'
}

export interface LaneHold {
  /** Holds on while there is something to tell; false = it is not ours, or has to pause. */
  isFree(): Promise<boolean>
  /** Throws LaneLost where somebody else has begun to tell. */
  stillOurs(): Promise<void>
  /** These notifications are about to be said, and no others than these. Throws LaneLost. */
  begin(notificationIds: readonly string[]): Promise<void>
  /** They were said, and that could not be written down. */
  lose(notificationIds: readonly string[]): void
  /** Nobody else can be telling. */
  isOurs(): boolean
  /** Since when nobody else can have told (`performance.now`). */
  since(): number
  /** When nothing may be tried before. */
  pausedUntil(): Date | null
  isProbing(): boolean
  health: LaneHealth
}

interface Holding {
  readonly db: Database
  readonly destinationId: string
  readonly holder: string
  readonly presence: Pick<Presence, 'session'>
  readonly clock: () => Date
  /** Something is to be said again then. */
  readonly dueAt: (destinationId: string, at: Date) => void
}

export function openLaneHold(holding: Holding): LaneHold {
  const { db, destinationId, holder, presence, clock, dueAt } = holding
  const place = { destinationId, holder }
  const lost = () => new LaneLost(`another process tells destination ${destinationId}`)
  let held = nobodys
  let asking: Promise<boolean> | undefined
  /** Of these this process knows what becomes of them, and of those nobody does. */
  let begun: ReadonlySet<string> = new Set()
  const unsure = new Set<string>()

  const isHeld = async () => {
    const session = presence.session()
    if (session === undefined) return false
    if (held.session === session && held.until - clock().getTime() > longestCallMs) return true
    // Of many that are about to be told, one asks.
    asking ??= ask(session).finally(() => (asking = undefined))
    return asking
  }
  const isOurs = () => held.session === presence.session() && held.until > clock().getTime()
  const ask = async (session: number) => {
    const now = clock()
    const lane = await holdLane(db, { ...place, now, leaseMs })
    if (lane) await takeOver(lane, now)
    const since = isOurs() && held.session === session ? held.since : performance.now()
    held = lane ? { until: now.getTime() + leaseMs, session, since } : nobodys
    if (lane) hold.health = lane.health
    return lane !== undefined
  }
  const takeOver = async ({ underway, othersUntil }: HeldLane, now: Date) => {
    const left = underway.filter((id) => unsure.has(id) || !begun.has(id))
    if (left.length === 0) return
    const latest = now.getTime() + longestCallMs
    const until = new Date(othersUntil ? Math.min(latest, othersUntil.getTime()) : now)
    await doubt(db, left, { now, until })
    for (const id of left) unsure.delete(id)
    if (until > now) dueAt(destinationId, until)
  }
  const hold: LaneHold = {
    health: healthy,
    isFree: async () => (await isHeld()) && !isPaused(hold.health, clock()),
    stillOurs: async () => {
      if (!(await isHeld())) throw lost()
    },
    begin: async (notificationIds) => {
      begun = new Set([...begun, ...notificationIds])
      if (!(await saveUnderway(db, place, [...notificationIds, ...unsure]))) {
        held = nobodys
        throw lost()
      }
      begun = new Set(notificationIds)
    },
    lose: (notificationIds) => {
      for (const id of notificationIds) unsure.add(id)
      held = nobodys
    },
    isOurs,
    since: () => held.since,
    pausedUntil: () => (isPaused(hold.health, clock()) ? hold.health.resumeAt : null),
    isProbing: () => isProbing(hold.health),
  }
  return hold
}
