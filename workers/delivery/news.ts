import { randomUUID } from 'node:crypto'
import { type DigestRow, findLastDigestAt, findStorm, saveStorm } from '#db/repositories/digests.ts'
import { countDue, type Destination, type Part, postponeEnds } from '#db/repositories/parcels.ts'
import { type DigestWay, digestWay, nextDigestAt } from '#engine/notify/digest-way.ts'
import { isRaging, mostCounted, stormAfter } from '#engine/notify/storm.ts'
import type { LaneHands } from './lane-hands.ts'
import { openDigests } from './open-digest.ts'
import { type Opened, openParcels, type OpenWish } from './open-parcels.ts'

export type Wish = Omit<OpenWish, 'part' | 'destinationId'>

/** What a storm leaves to its digest, and what is told one by one all the same. */
const parts = {
  kept: { together: 'unposted', alone: 'posted' },
  repeated: { together: 'incidents', alone: 'announcements' },
} as const satisfies Record<DigestWay, Record<string, Part>>

/** What is to be said at a destination now: one by one, or in a storm what can be told so and a digest of the rest. */
export function openNews(destination: Destination, hands: LaneHands): (wish: Wish) => Promise<Opened> {
  const way = digestWay(destination.surface, hands.paceOf(destination.surface))
  const there = { destination, destinationId: destination.id }
  if (!way) return (wish) => openParcels(hands, { ...wish, ...there, part: 'all' })
  const stale = new Set<string>()
  const waitsUntil = openWait(hands, destination, way)
  let wasDigest = false
  return async (wish) => {
    if (wish.limit === 0) return nothing
    const storm = await followStorm(hands, destination, { way, now: wish.now })
    const raging = storm && isRaging(storm) ? storm : undefined
    const until = await waitsUntil(wish.now)
    if (until && !raging) await postponeEnds(hands.db, { ...there, now: wish.now, until })
    // They take turns, so that neither waits for the other for ever.
    const isTurn = !wasDigest
    wasDigest = false
    if (isTurn && !until) {
      const part = raging ? parts[way].together : 'over'
      const digests = await openDigests(hands, { ...wish, ...there, way, part, storm: raging, stale })
      stale.clear()
      wasDigest = digests.tellings.length > 0
      if (wasDigest || digests.settled.length > 0) return { ...digests, isFull: true }
    }
    const opened = await openParcels(hands, {
      ...wish,
      ...there,
      part: raging ? parts[way].alone : 'alone',
    })
    if (way === 'kept') for (const { digestId } of opened.tellings) if (digestId) stale.add(digestId)
    return { ...opened, isFull: opened.isFull || !isTurn || stale.size > 0 }
  }
}

const nothing: Opened = { tellings: [], settled: [], found: [], isFull: false }

/** Until when the next digest has to wait, if it has to: then it is looked at again. */
function openWait({ db, dueAt }: LaneHands, { id }: Destination, way: DigestWay) {
  let awaited: number | undefined
  return async (now: Date): Promise<Date | undefined> => {
    const at = way === 'kept' ? undefined : nextDigestAt(way, await findLastDigestAt(db, id))
    if (!at || at <= now) return undefined
    if (awaited !== at.getTime()) dueAt(id, at)
    awaited = at.getTime()
    return at
  }
}

async function followStorm(
  { db, paceOf }: LaneHands,
  { id: destinationId, surface }: Destination,
  { way, now }: { readonly way: DigestWay; readonly now: Date },
): Promise<DigestRow | undefined> {
  const { everyMs } = paceOf(surface)
  const storm = await findStorm(db, destinationId)
  const part = parts[way].together
  const waiting = await countDue(db, { destinationId, now, part, most: mostCounted(everyMs) })
  const next = stormAfter(storm, { waiting, everyMs, now })
  if (next === storm) return storm
  if (!next) {
    if (storm) await saveStorm(db, { ...storm, endedAt: now })
    return undefined
  }
  const fresh = storm ?? { id: randomUUID(), destinationId, endedAt: null, receipt: null, postedAt: null }
  const row = { ...fresh, ...next }
  await saveStorm(db, row)
  return row
}
