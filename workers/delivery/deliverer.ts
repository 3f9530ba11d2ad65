import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Memory } from '#db/client.ts'
import { findDestination } from '#db/repositories/destinations.ts'
import { listDueDestinations, releaseLanes } from '#db/repositories/lanes.ts'
import type { Announcer } from '#workers/queues/announce.ts'
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
  const unhear = await hands.announcer.hear(memory, lanes.wake)
  await look()
  return {
    look,
    idle: lanes.idle,
    close: async () => {
      clearInterval(looking)
      alarms.clear()
      await unhear()
      closing.abort()
      const isDone = await Promise.race([
        lanes.idle().then(() => true),
        pause(patienceMs, false, { ref: false }),
      ])
      await releaseLanes(db, holder, { isDone })
      await presence.close()
    },
  }
}

interface Lanes {
  readonly wake: (destinationIds: readonly string[]) => void
  readonly idle: () => Promise<void>
}

/** Each opened when it is first heard of. */
function openLanes(hands: LaneHands): Lanes {
  const lanes = new Map<string, Promise<Lane | undefined>>()
  const open = async (destinationId: string) => {
    const destination = await findDestination(hands.db, destinationId)
    return destination && openLane(destination, hands)
  }
  const laneOf = (destinationId: string) => {
    const lane = lanes.get(destinationId) ?? open(destinationId)
    lanes.set(destinationId, lane)
    return lane
  }
  const wake = async (destinationId: string) => {
    try {
      const lane = await laneOf(destinationId)
      lane?.wake()
    } catch (error) {
      lanes.delete(destinationId)
      hands.log.warn({ err: error }, 'messages wait to be told')
    }
  }
  return {
    wake: (destinationIds) => {
      if (hands.closing.aborted) return
      for (const id of destinationIds) void wake(id)
    },
    idle: async () => {
      for (const lane of await Promise.all(lanes.values())) await lane?.idle()
    },
  }
}
