import { randomUUID } from 'node:crypto'
import { type DigestRow, findStorm, saveStorm } from '#db/repositories/digests.ts'
import { countUnposted, type Destination } from '#db/repositories/parcels.ts'
import { chatSurfaces } from '#engine/medium.ts'
import { isRaging, mostCounted, stormAfter } from '#engine/notify/storm.ts'
import type { VendorPace } from '#engine/notify/vendor-pace.ts'
import type { LaneHands } from './lane-hands.ts'
import { openDigests } from './open-digest.ts'
import { type Opened, openParcels, type OpenWish } from './open-parcels.ts'

export type Wish = Omit<OpenWish, 'part' | 'destinationId'>

/** What is to be said at a destination now: one by one, or in a storm what can be told so and a digest of the rest. */
export function openNews(destination: Destination, hands: LaneHands): (wish: Wish) => Promise<Opened> {
  const pace = hands.paceOf(destination.surface)
  const there = { destination, destinationId: destination.id }
  if (!canDigest(destination, pace)) return (wish) => openParcels(hands, { ...wish, ...there, part: 'ready' })
  const stale = new Set<string>()
  let wasDigest = false
  return async (wish) => {
    if (wish.limit === 0) return nothing
    const storm = await followStorm(hands, destination, wish.now)
    const raging = storm && isRaging(storm) ? storm : undefined
    // They take turns, so that neither waits for the other for ever.
    const isTurn = !wasDigest
    wasDigest = false
    if (isTurn) {
      const digests = await openDigests(hands, { ...wish, ...there, storm: raging, stale })
      stale.clear()
      wasDigest = digests.tellings.length > 0
      if (wasDigest || digests.settled.length > 0) return { ...digests, isFull: true }
    }
    const opened = await openParcels(hands, { ...wish, ...there, part: raging ? 'posted' : 'ready' })
    for (const { digestId } of opened.tellings) if (digestId) stale.add(digestId)
    return { ...opened, isFull: opened.isFull || !isTurn || stale.size > 0 }
  }
}

const nothing: Opened = { tellings: [], settled: [], found: [], isFull: false }

/** A chat whose messages can be edited, and which takes them slowly. */
export function canDigest({ surface }: Destination, { everyMs }: VendorPace): boolean {
  return everyMs > 0 && chatSurfaces.some((chat) => chat === surface)
}

async function followStorm(
  { db, paceOf }: LaneHands,
  { id: destinationId, surface }: Destination,
  now: Date,
): Promise<DigestRow | undefined> {
  const { everyMs } = paceOf(surface)
  const storm = await findStorm(db, destinationId)
  const waiting = await countUnposted(db, { destinationId, now, most: mostCounted(everyMs) })
  const next = stormAfter(storm, { waiting, everyMs, now })
  if (next === storm) return storm
  if (!next) {
    if (storm) await saveStorm(db, { ...storm, endedAt: now })
    return undefined
  }
  const fresh = storm ?? { id: randomUUID(), destinationId, endedAt: null, receipt: null }
  const row = { ...fresh, ...next }
  await saveStorm(db, row)
  return row
}
