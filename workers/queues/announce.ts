import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Database, Memory } from '#db/client.ts'
import { deliveriesChannel, hintDeliveries, listDestinationsOf } from '#db/repositories/lanes.ts'
import type { Outgoing } from '#workers/processors/outgoing.ts'

/**
 * Rows first, hints second: tells whoever delivers where the notifications that were just written go. A hint that gets lost
 * is no reason to fail whoever wrote the rows: the sweeper finds them.
 */
export type Announce = (notificationIds: readonly string[], known?: Known) => Promise<void>

/** What whoever wrote notifications still knows of them. */
interface Known extends Partial<Outgoing> {
  readonly destinationIds: readonly string[]
  /** When the transaction that wrote them began (`performance.now`); without it all of them are to be read. */
  readonly since?: number
}

export interface Announcer {
  readonly announce: Announce
  /** Calls back with destinations that have something to hear, from this process at once and from others. */
  hear(memory: Pick<Memory, 'listen'>, heard: Heard): Promise<Unhear>
}

/** → those that nobody else can be telling. */
export type Heard = (known: Known) => readonly string[]

type Unhear = () => Promise<void>

export function openAnnouncer(db: Database, log: Logger): Announcer {
  const sender = randomUUID()
  const here = new Set<Heard>()
  const hint = openHints((destinationIds) => hintDeliveries(db, destinationIds, sender), log)
  return {
    announce: async (notificationIds, written) => {
      if (notificationIds.length === 0) return
      try {
        const known = written ?? { destinationIds: await listDestinationsOf(db, notificationIds) }
        const ours = new Set([...here].flatMap((heard) => heard(known)))
        const hinted = hint(known.destinationIds.filter((id) => !ours.has(id)))
        // Who delivers here has heard already, and need not wait until the others have.
        if (here.size === 0) await hinted
      } catch (error) {
        log.warn(
          { err: error, notifications: notificationIds.length },
          'notifications wait for the sweeper: nobody could be told of them',
        )
      }
    },
    hear: async (memory, heard) => {
      const unlisten = await memory.listen(deliveriesChannel, (hint) => {
        const [from, destinationId = ''] = hint.split(' ')
        if (from !== sender) heard({ destinationIds: [destinationId] })
      })
      here.add(heard)
      return async () => {
        here.delete(heard)
        await unlisten()
      }
    },
  }
}

type Hint = (destinationIds: readonly string[]) => Promise<void>

/** To the other processes, one statement at a time: what comes meanwhile goes together with the next. Throws nothing. */
function openHints(tell: Hint, log: Logger): Hint {
  let waiting = new Set<string>()
  let next: Promise<void> | undefined
  let telling: Promise<void> = Promise.resolve()
  const tellAll = async () => {
    await telling
    const all = [...waiting]
    waiting = new Set()
    next = undefined
    telling = tell(all).catch((error: unknown) =>
      log.warn(
        { err: error, destinations: all.length },
        'notifications wait for the sweeper of who tells them',
      ),
    )
    await telling
  }
  return async (destinationIds) => {
    if (destinationIds.length === 0) return
    for (const id of destinationIds) waiting.add(id)
    next ??= tellAll()
    await next
  }
}
