import { type DigestRow, listDigests, loadDigest } from '#db/repositories/digests.ts'
import type { Notification, Parcel } from '#db/repositories/parcels.ts'
import { listDue, loadParcels } from '#db/repositories/parcels.ts'
import { mayHaveHeard } from '#engine/notify/triage.ts'
import { loadStories } from '#db/repositories/stories.ts'
import { composeDigest } from '#engine/view/digest.ts'
import { type Opened, type Opener, type OpenWish, sortParcel } from './open-parcels.ts'
import type { Destination } from '#db/repositories/parcels.ts'
import type { Telling } from './tell.ts'

interface DigestWish extends Omit<OpenWish, 'part' | 'limit'> {
  readonly destination: Destination
  /** What joins: everything without a message of its own; undefined = nothing does. */
  readonly storm: DigestRow | undefined
  /** Digests that show what is true no more. */
  readonly stale: ReadonlySet<string>
}

/** Enough for ten thousand to be told in some ten edits, and few enough to be looked at between two. */
const mostAtOnce = 1000

/** Everything that is told by digests now: what joins the storm's, and what became of those that joined before. */
export async function openDigests(hands: Opener, wish: DigestWish): Promise<Opened> {
  const { db } = hands
  const { destinationId, storm, now, isHere } = wish
  const part = storm ? 'unposted' : 'over'
  const due = await listDue(db, { ...wish, part, limit: mostAtOnce })
  const incidentIds = due.incidentIds.filter((id) => !isHere(id))
  const parcels = await loadParcels(db, destinationId, incidentIds)
  const stories = await loadStories(db, incidentIds, now)
  const sorted = parcels.map((parcel) => ({
    parcel,
    ...sortParcel(parcel, { story: stories.get(parcel.incidentId), now }),
  }))
  const told = Map.groupBy(
    sorted.filter(({ say }) => say.length > 0),
    ({ parcel }) => parcel.digestId ?? storm?.id ?? '',
  )
  const ids = new Set([...told.keys(), ...wish.stale].filter((id) => !isHere(id)))
  const digests = await listDigests(db, [...ids])
  const tellings = await Promise.all(
    digests.map((digest) => digestTelling(hands, { digest, folded: told.get(digest.id) ?? [] }, wish)),
  )
  if (tellings.length > 0) await wish.begin(tellings.flatMap(({ unsaid }) => unsaid.map(({ id }) => id)))
  return {
    tellings,
    settled: sorted.flatMap(({ settled }) => settled),
    found: incidentIds,
    isFull: due.rows >= mostAtOnce,
  }
}

interface Folded {
  readonly digest: DigestRow
  readonly folded: readonly { readonly parcel: Parcel; readonly say: readonly Notification[] }[]
}

/** The more it tells the less each of them is: what is said of it is in the counts. */
async function digestTelling(
  { db, publicUrl }: Opener,
  { digest, folded }: Folded,
  { destination, now }: DigestWish,
): Promise<Telling> {
  const joining = folded.flatMap(({ parcel }) => (parcel.digestId ? [] : parcel.incidentId))
  return {
    of: 'digest',
    subject: digest.id,
    within: folded.map(({ parcel }) => parcel.incidentId),
    joining,
    destinationId: destination.id,
    address: destination.address,
    unsaid: folded.flatMap(({ say }) => say),
    receipt: digest.receipt ?? undefined,
    message: composeDigest(await loadDigest(db, digest, joining), now, publicUrl),
    deliveryId: `${digest.id}/${destination.id}`,
    isPerhapsThere: folded.some(({ parcel }) => mayHaveHeard(destination.surface, parcel.unsaid)),
    overSince: null,
    lineOf: () => undefined,
  }
}
