import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Memory } from '#db/client.ts'
import { findDestination } from '#db/repositories/destinations.ts'
import { listDueDestinations, releaseLanes } from '#db/repositories/lanes.ts'
import type { Announcer, Heard } from '#workers/queues/announce.ts'
import { openAlarms } from './alarms.ts'
import { type Lane, openLane } from './lane.ts'
import type { LaneHands } from './lane-hands.ts'
import { openPresence } from './presence.ts'
import { openSaver } from './saver.ts'

export interface Deliverer {
  /** Finds what nobody was told of. */
  look(): Promise<void>
  /** Resolves when nothing is being told. */
  idle(): Promise<void>
  /** Waits for what is being told. */
  close(): Promise<void>
}

export interface DelivererHands extends Omit<
  LaneHands,
  'save' | 'holder' | 'presence' | 'closing' | 'dueAt'
> {
  readonly announcer: Pick<Announcer, 'hear'>
}

/** A hint may be lost, and a clock may be set. */
const lookMs = 5000
/** Younger ones are most likely on their way. */
const graceMs = 3000
const patienceMs = 10_000

/** A lane for each destination there is something to say to: as soon as it is heard of, when it is time to try again, and now and then. */
export async function startDeliverer(
  memory: Pick<Memory, 'listen' | 'hold'>,
  hands: DelivererHands,
): Promise<Deliverer> {
  const { db, clock, log } = hands
  const closing = new AbortController()
  const alarms = openAlarms(clock)
  const holder = randomUUID()
  const presence = await openPresence(memory, { holder, log, back: () => void look() })
  const lanes = openLanes({
    ...hands,
    holder,
    presence,
    save: openSaver(db, clock),
    closing: closing.signal,
    dueAt: (destinationId, at) => alarms.set(at, () => lanes.wake([destinationId])),
  })
  const look = async () => {
    try {
      lanes.wake(await listDueDestinations(db, new Date(clock().getTime() - graceMs)))
    } catch (error) {
      log.warn({ err: error }, 'nobody could look for messages that wait')
    }
  }
  const looking = setInterval(() => void look(), lookMs)
  const unhear = await hands.announcer.hear(memory, lanes.hear)
  await look()
  return {
    look,
    idle: lanes.idle,
    close: async () => {
      clearInterval(looking)
      alarms.clear()
      closing.abort()
      await Promise.all([unhear(), leave()])
    },
  }

  /** Whatever the database says to the rest: while it is present, its session keeps the database from ending. */
  async function leave(): Promise<void> {
    const isDone = await Promise.race([
      lanes.idle().then(() => true),
      pause(patienceMs, false, { ref: false }),
    ])
    try {
      await releaseLanes(db, holder, { isDone })
    } finally {
      await presence.close()
    }
  }
}

interface Lanes {
  readonly wake: (destinationIds: readonly string[]) => void
  readonly hear: Heard
  readonly idle: () => Promise<void>
}

/** Each opened when it is first heard of. */
function openLanes(hands: LaneHands): Lanes {
  const opening = new Map<string, Promise<Lane | undefined>>()
  const lanes = new Map<string, Lane>()
  const open = async (destinationId: string) => {
    const destination = await findDestination(hands.db, destinationId)
    const lane = destination && openLane(destination, hands)
    if (lane) lanes.set(destinationId, lane)
    return lane
  }
  const laneOf = (destinationId: string) => {
    const lane = opening.get(destinationId) ?? open(destinationId)
    opening.set(destinationId, lane)
    return lane
  }
  const wakeFirst = async (destinationId: string) => {
    try {
      const lane = await laneOf(destinationId)
      lane?.wake()
    } catch (error) {
      opening.delete(destinationId)
      hands.log.warn({ err: error }, 'messages wait to be told')
    }
  }
  const hear: Heard = ({ destinationIds, fresh = [], toRead, since }) => {
    if (hands.closing.aborted) return []
    const handed = Map.groupBy(fresh, ({ parcel }) => parcel.destination.id)
    return destinationIds.filter((id) => {
      const lane = lanes.get(id)
      if (!lane) void wakeFirst(id)
      const all = since === undefined || toRead?.has(id) ? undefined : handed.get(id)
      return lane?.wake(all && { fresh: all, since: since ?? 0 }) === true
    })
  }
  return {
    wake: (destinationIds) => void hear({ destinationIds }),
    hear,
    idle: async () => {
      for (const lane of await Promise.all(opening.values())) await lane?.idle()
    },
  }
}
