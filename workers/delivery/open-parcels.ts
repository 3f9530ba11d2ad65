import { type AnnouncementParcel, findAnnouncementParcel } from '#db/repositories/announcements.ts'
import type { Outcome } from '#db/repositories/outcomes.ts'
import {
  listDue,
  loadParcels,
  type Notification,
  type Parcel,
  type ParcelWish,
} from '#db/repositories/parcels.ts'
import { loadCircumstances, loadStories, storyOf } from '#db/repositories/stories.ts'
import { type IncidentStory, incidentView } from '#engine/incident/incident.ts'
import { asTold } from '#engine/incident/reminders.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { subjectOf, withLink } from '#engine/message/subject-of.ts'
import { plainNews } from '#engine/notify/contact-news.ts'
import { takesEdits } from '#engine/notify/digest-way.ts'
import { destinationLabel } from '#engine/notify/lane-event.ts'
import { deservesReply, type Reason, wordless } from '#engine/notify/plan.ts'
import { mayHaveHeard, triage } from '#engine/notify/triage.ts'
import type { FreshNews } from '#workers/processors/fresh-news.ts'
import type { LaneHands } from './lane-hands.ts'
import { openAnnouncement } from './open-announcement.ts'
import { dropped, endOfWait, held, type OpenedOne, waiting } from './opened.ts'
import type { Telling } from './tell.ts'

export type Opener = Pick<LaneHands, 'db' | 'publicUrl'>

/** What is to be said at a destination now, and what became of that which is not. */
export interface Opened {
  readonly tellings: readonly Telling[]
  readonly settled: readonly Outcome[]
  /** The incidents that were due, told or not. */
  readonly found: readonly string[]
  /** There may be more. */
  readonly isFull: boolean
}

export interface OpenWish extends ParcelWish {
  /** It is being told, or about to be: the rest is left for later. */
  readonly isHere: (subject: string) => boolean
  /** These notifications are about to be said, besides those that are being said. */
  readonly begin: (notificationIds: readonly string[]) => Promise<void>
}

/** Decided when it is about to go out, not when it was queued. */
export async function openParcels(hands: Opener, wish: OpenWish): Promise<Opened> {
  const { db } = hands
  const { destinationId, now, isHere } = wish
  const due = await listDue(db, wish)
  const incidentIds = due.incidentIds.filter((id) => !isHere(id))
  const subjects = due.subjects.filter((subject) => !isHere(subject))
  // A story that is read after what is to be said of it knows all of that.
  const parcels = await loadParcels(db, destinationId, incidentIds)
  const announced = await Promise.all(
    subjects.map((subject) => findAnnouncementParcel(db, { destinationId, subject })),
  )
  const announcements = announced.filter(isThere)
  const wanted = [...parcels, ...announcements].flatMap(idsOf)
  const [stories] = await Promise.all([
    loadStories(db, incidentIds, now),
    // Most likely all of it is said: nobody waits for that to be sure.
    wanted.length > 0 && wish.begin(wanted),
  ])
  const opened = [
    ...parcels.map((parcel) => openParcel(hands, parcel, { story: stories.get(parcel.incidentId), now })),
    ...(await Promise.all(announcements.map((parcel) => openAnnouncement(db, parcel, now)))),
  ]
  return together(opened, wish, {
    wanted,
    found: incidentIds,
    isFull: wish.limit > 0 && due.rows >= wish.limit,
  })
}

/** The same of what was written just now and is still in memory; what keeps it quiet is looked at all the same. */
export async function openFresh(
  hands: Opener,
  fresh: readonly FreshNews[],
  wish: Pick<OpenWish, 'now' | 'isHere' | 'begin'>,
): Promise<Opened> {
  const { now, isHere } = wish
  const ours = fresh.filter(({ incident }) => !isHere(incident.id))
  const incidents = ours.map(({ incident }) => incident)
  const wanted = ours.flatMap(({ parcel }) => idsOf(parcel))
  const [circumstances] = await Promise.all([
    loadCircumstances(hands.db, incidents, now),
    wanted.length > 0 && wish.begin(wanted),
  ])
  const opened = ours.map(({ incident, parcel }) => {
    const entries = parcel.unsaid.flatMap(({ entry }) => entry ?? [])
    return openParcel(hands, parcel, { story: storyOf(incident, entries, circumstances), now })
  })
  return together(opened, wish, { wanted, found: [], isFull: false })
}

interface Found extends Pick<Opened, 'found' | 'isFull'> {
  /** Notifications that were taken to be said. */
  readonly wanted: readonly string[]
}

async function together(
  opened: readonly OpenedOne[],
  { begin }: Pick<OpenWish, 'begin'>,
  { wanted, found, isFull }: Found,
): Promise<Opened> {
  const tellings = opened.flatMap(({ telling }) => telling ?? [])
  const said = tellings.flatMap(idsOf)
  if (said.length < wanted.length) await begin(said)
  return { tellings, settled: opened.flatMap(({ settled }) => settled), found, isFull }
}

function idsOf({ unsaid }: { readonly unsaid: readonly { readonly id: string }[] }): string[] {
  return unsaid.map(({ id }) => id)
}

function isThere(parcel: AnnouncementParcel | undefined): parcel is AnnouncementParcel {
  return parcel !== undefined
}

interface Scene {
  readonly story: IncidentStory | undefined
  readonly now: Date
}

function openParcel({ publicUrl }: Opener, parcel: Parcel, scene: Scene): OpenedOne {
  const { destination, receipt, digestId } = parcel
  const { story, now } = scene
  const { say, settled } = sortParcel(parcel, scene)
  if (!story || say.length === 0) return { settled }
  if (digestId && !receipt) {
    // What has ended is told where it was told of, and an edit without a word has no message to edit.
    if (incidentView(story.incident) === 'RESOLVED') return { settled }
    if (!say.some(({ reason }) => deservesReply(reason))) return { settled: [...settled, ...dropped(say)] }
  }
  const entryOf = new Map(say.map(({ id, entry }) => [id, entry]))
  const telling: Telling = {
    of: 'incident',
    subject: parcel.incidentId,
    ...(digestId && { digestId }),
    destinationId: destination.id,
    address: destination.address,
    unsaid: say,
    receipt,
    message: {
      ...composeIncident(withLink(story, publicUrl), now),
      subject: subjectOf(story, reasonOf(say), publicUrl),
    },
    deliveryId: `${parcel.incidentId}/${destination.id}`,
    isPerhapsThere: mayHaveHeard(destination.surface, parcel.unsaid),
    overSince: story.incident.closedAt,
    lineOf: ({ id, reason }) => {
      if (!deservesReply(reason)) return undefined
      const entry = entryOf.get(id)
      return entry ? timelineLine(asTold(entry, story.timeline)) : plainNews(reason)
    },
  }
  return { telling, settled }
}

/** The last of them that is worth a word. */
function reasonOf(say: readonly Notification[]): Reason {
  const reasons = say.map(({ reason }) => reason)
  return reasons.findLast((reason) => !wordless.includes(reason)) ?? reasons.at(-1) ?? 'edit'
}

interface Sorted {
  readonly say: readonly Notification[]
  readonly settled: readonly Outcome[]
}

/** What of it is to be said now, and what became of the rest. */
export function sortParcel(parcel: Parcel, { story, now }: Scene): Sorted {
  const { destination, unsaid, receipt, digestId } = parcel
  const waitUntil = endOfWait(unsaid, now)
  if (waitUntil) return { say: [], settled: waiting(unsaid, waitUntil) }
  if (!destination.active || !story || isAbout(story, destination.id))
    return { say: [], settled: dropped(unsaid) }
  const { incident, suppression } = story
  const { say, hold, drop } = triage(unsaid, {
    view: incidentView(incident),
    isSuppressed: suppression !== undefined,
    isPosted: receipt !== undefined || digestId !== undefined,
    takesEdits: takesEdits(destination.surface),
    mayHaveHeard: mayHaveHeard(destination.surface, unsaid),
  })
  return { say, settled: [...dropped(drop), ...(suppression ? held(hold, suppression) : [])] }
}

/** A destination that cannot be reached is no place to say so. */
function isAbout({ incident }: IncidentStory, destinationId: string): boolean {
  return incident.alerts.every(
    ({ entity, labels }) => entity === 'tocsin' && labels[destinationLabel] === destinationId,
  )
}
