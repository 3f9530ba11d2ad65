import type { Destination } from '#db/repositories/parcels.ts'
import { digestWay } from '#engine/notify/digest-way.ts'
import { openedAhead, type VendorPace } from '#engine/notify/vendor-pace.ts'
import { type Flights, openFlights } from './flights.ts'
import { type Inbox, openInbox } from './inbox.ts'
import { type LaneHold, LaneLost, openLaneHold } from './lane-hold.ts'
import type { LaneHands } from './lane-hands.ts'
import { openWay } from './lane-way.ts'
import { openNews } from './news.ts'
import { openFresh, type Opened } from './open-parcels.ts'
import type { FreshNews } from '#workers/processors/fresh-news.ts'
import { tell, type Telling, Unsaved, type Way } from './tell.ts'

/** Tells one destination everything that is due there, several incidents at a time, each in its order. */
export interface Lane {
  /** There may be something to say, or there is only this. → whether nobody else can be telling it. */
  wake(handed?: HandedOver): boolean
  /** Resolves when nothing is being told. */
  idle(): Promise<void>
}

/** What was just written for this destination, by a transaction that began then. */
interface HandedOver {
  readonly fresh: readonly FreshNews[]
  readonly since: number
}

export function openLane(destination: Destination, hands: LaneHands): Lane {
  const { log, closing } = hands
  const inbox = openInbox()
  const hold = openLaneHold({ ...hands, destinationId: destination.id })
  const notifier = hands.notifiers[destination.surface]
  const way = notifier && openWay(destination, notifier, { ...hands, hold })
  const pace = hands.paceOf(destination.surface)
  const open = openNews(destination, hands)
  const flights = openFlights({
    tell: (telling) => sayOrLeave(way, telling),
    room: () => (closing.aborted || hold.pausedUntil() ? 0 : roomAt(pace, hold)),
    landed: ({ again }) => (again ? inbox.ring() : inbox.stir()),
  })
  let running: Promise<void> | undefined
  let done = 0

  const run = async () => {
    while (inbox.rings() > done && !closing.aborted) {
      done = await tellDue({ destination, hands, inbox, hold, way, open, flights })
    }
  }
  const start = () => {
    running ??= run()
      .catch((error: unknown) => {
        if (!closing.aborted) log.warn({ err: error, destination: destination.name }, 'messages wait')
        done = inbox.rings()
      })
      .finally(() => {
        running = undefined
        if (inbox.rings() > done && !closing.aborted) start()
      })
  }
  const wake = (handed?: HandedOver) => {
    if (handed && !digestWay(destination.surface, pace)) inbox.hand(handed.fresh, handed.since)
    else inbox.ring()
    start()
    return hold.isOurs()
  }
  const idle = async (): Promise<void> => {
    await running
    if (running) await idle()
  }
  return { wake, idle }

  async function sayOrLeave(way: Way | undefined, telling: Telling): Promise<void> {
    try {
      await (way ? tell(way, telling) : refuse(telling))
    } catch (error) {
      if (error instanceof LaneLost) flights.putBack()
      if (error instanceof LaneLost) return
      if (error instanceof Unsaved) hold.lose(telling.unsaid.map(({ id }) => id))
      if (closing.aborted) return
      log.error({ err: error, destination: destination.name }, 'what was told could not be written down')
    }
  }

  async function refuse({ unsaid }: Telling): Promise<void> {
    const error = `${destination.surface} is not set up here.`
    await hands.save({
      outcomes: unsaid.map(({ id }) => ({ notificationId: id, state: 'FAILED', error })),
    })
  }
}

interface Shift {
  readonly destination: Destination
  readonly hands: LaneHands
  readonly inbox: Inbox
  readonly hold: LaneHold
  readonly way: Way | undefined
  readonly open: ReturnType<typeof openNews>
  readonly flights: Flights
}

function roomAt({ concurrency }: VendorPace, hold: LaneHold): number {
  return hold.isProbing() ? 1 : concurrency
}

/** → how often the bell had been rung when nothing was left that could be told now. */
async function tellDue(shift: Shift): Promise<number> {
  const { destination, hands, inbox, hold, way, open, flights } = shift
  const pace = hands.paceOf(destination.surface)
  let isMore = false
  try {
    for (;;) {
      const heard = inbox.rings()
      if (hands.closing.aborted || !(await hold.isFree())) return heard
      await way?.pacer.ready()
      const room = roomAt(pace, hold)
      const most = hold.isProbing() ? 1 : room + openedAhead(pace)
      const limit = Math.max(0, most - flights.size())
      const handed = inbox.take(hold.since())
      const where = {
        now: hands.clock(),
        isHere: flights.isHere,
        begin: (ids: readonly string[]) => hold.begin([...flights.ids(), ...ids]),
      }
      const opened: Opened =
        handed && handed.length <= limit && !isMore
          ? await openFresh(hands, handed, where)
          : await open({ ...where, limit, except: flights.ids() })
      isMore = opened.isFull
      inbox.found(opened.found)
      if (opened.settled.length > 0) await hands.save({ outcomes: opened.settled })
      flights.add(opened.tellings)
      const isRung = () => inbox.rings() > heard
      const isWorthLooking = () =>
        flights.size() === 0 ||
        (isRung() && flights.size() < room) ||
        (opened.isFull && flights.size() <= most / 2)
      while (!isWorthLooking()) await inbox.next()
      if (flights.size() === 0 && !isRung() && !opened.isFull) return heard
    }
  } finally {
    flights.putBack()
    await flights.done()
  }
}
