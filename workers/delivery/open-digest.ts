import { type DigestRow, listDigests, loadDigest } from '#db/repositories/digests.ts'
import type { Notification, Parcel } from '#db/repositories/parcels.ts'
import { listDue, loadParcels } from '#db/repositories/parcels.ts'
import type { Incident } from '#engine/incident/incident.ts'
import { incidentView } from '#engine/incident/incident.ts'
import { isIntegration } from '#engine/medium.ts'
import type { DigestWay } from '#engine/notify/digest-way.ts'
import { mayHaveHeard } from '#engine/notify/triage.ts'
import { loadStories } from '#db/repositories/stories.ts'
import { composeDigest } from '#engine/view/digest.ts'
import { type Opened, type Opener, type OpenWish, sortParcel } from './open-parcels.ts'
import type { Destination } from '#db/repositories/parcels.ts'
import type { Telling } from './tell.ts'

interface DigestWish extends Omit<OpenWish, 'limit'> {
  readonly destination: Destination
  readonly way: DigestWay
  /** What is told joins it, unless another digest told of it before; undefined = nothing does. */
  readonly storm: DigestRow | undefined
  /** Digests that show what is true no more. */
  readonly stale: ReadonlySet<string>
}

/**
 * Enough for ten thousand to be told in some ten edits, and few enough to be looked at between two. Where a minute is between two
 * of them all of it is told.
 */
const mostAtOnce: Readonly<Record<DigestWay, number>> = { kept: 1000, repeated: 10_000 }

/** Everything that is told by digests now: what joins the storm's, and what became of those that joined before. */
export async function openDigests(hands: Opener, wish: DigestWish): Promise<Opened> {
  const { db } = hands
  const { destinationId, storm, now, isHere } = wish
  const limit = mostAtOnce[wish.way]
  const due = await listDue(db, { ...wish, limit })
  const incidentIds = due.incidentIds.filter((id) => !isHere(id))
  const parcels = await loadParcels(db, destinationId, incidentIds)
  const stories = await loadStories(db, incidentIds, now)
  const sorted = parcels.map((parcel) => {
    const story = stories.get(parcel.incidentId)
    return { parcel, incident: story?.incident, ...sortParcel(parcel, { story, now }) }
  })
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
    isFull: due.rows >= limit,
  }
}

interface Folded {
  readonly digest: DigestRow
  readonly folded: readonly {
    readonly parcel: Parcel
    readonly incident: Incident | undefined
    readonly say: readonly Notification[]
  }[]
}

/** The more it tells the less each of them is: what is said of it is in the counts. */
async function digestTelling(
  { db, publicUrl }: Opener,
  { digest, folded }: Folded,
  { destination, way, now }: DigestWish,
): Promise<Telling> {
  const { surface } = destination
  const joining = folded.flatMap(({ parcel }) => (parcel.digestId ? [] : parcel.incidentId))
  const standings = await loadDigest(db, digest, joining)
  const ended = folded.flatMap(({ incident }) =>
    incident && incidentView(incident) === 'RESOLVED' ? [incident] : [],
  )
  const there = { way, isChat: !isIntegration(surface), base: publicUrl }
  return {
    of: 'digest',
    subject: digest.id,
    within: folded.map(({ parcel }) => parcel.incidentId),
    joining,
    destinationId: destination.id,
    address: destination.address,
    unsaid: folded.flatMap(({ say }) => say),
    receipt: way === 'kept' ? (digest.receipt ?? undefined) : undefined,
    message: composeDigest({ ...standings, over: way === 'kept' ? [] : ended }, there, now),
    deliveryId: `${digest.id}/${destination.id}`,
    isPerhapsThere: folded.some(({ parcel }) => mayHaveHeard(surface, parcel.unsaid)),
    overSince: null,
    lineOf: () => undefined,
  }
}
