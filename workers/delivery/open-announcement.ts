import type { Database } from '#db/client.ts'
import type { AnnouncementParcel } from '#db/repositories/announcements.ts'
import { findPlannedMaintenance } from '#db/repositories/planned-maintenances.ts'
import { findSilence } from '#db/repositories/silences.ts'
import { mayHaveHeard } from '#engine/notify/triage.ts'
import { announcementLine } from '#engine/suppress/announcement.ts'
import {
  type AnnouncementSubject,
  composeAnnouncement,
  isAnnouncementOver,
} from '#engine/view/announcement.ts'
import { dropped, endOfWait, type OpenedOne, waiting } from './opened.ts'

/** The living message of a silence or a maintenance, and a line for each thing that happened to it. */
export async function openAnnouncement(
  db: Database,
  parcel: AnnouncementParcel,
  now: Date,
): Promise<OpenedOne> {
  const { destination, unsaid, receipt, story } = parcel
  const waitUntil = endOfWait(unsaid, now)
  if (waitUntil) return { settled: waiting(unsaid, waitUntil) }
  const subject = await findSubject(db, parcel)
  const isPerhapsThere = mayHaveHeard(destination.surface, unsaid)
  // A chat that hears only now has missed nothing that still matters.
  const isStale = subject && !receipt && !isPerhapsThere && isAnnouncementOver(subject, now)
  if (!subject || isStale || !destination.active) return { settled: dropped(unsaid) }
  const lineOf = new Map(unsaid.map(({ id, announcement }) => [id, announcementLine(announcement)]))
  const telling = {
    of: 'announcement' as const,
    subject: parcel.subject,
    destinationId: destination.id,
    address: destination.address,
    unsaid,
    receipt,
    message: composeAnnouncement(subject, story, now),
    deliveryId: `${parcel.subject}/${destination.id}`,
    isPerhapsThere,
    overSince: null,
    lineOf: ({ id }: { readonly id: string }) => lineOf.get(id),
  }
  return { telling, settled: [] }
}

async function findSubject(
  db: Database,
  { subject, story }: AnnouncementParcel,
): Promise<AnnouncementSubject | undefined> {
  const [kind, id = ''] = subject.split('/')
  switch (kind) {
    case 'silence': {
      const silence = await findSilence(db, id)
      return silence && { kind, silence }
    }
    case 'maintenance': {
      const maintenance = await findPlannedMaintenance(db, id)
      return maintenance && { kind, maintenance }
    }
    case 'contact': {
      const [first] = story
      const told = first?.details.told
      return told && { kind, told, id, environment: first.environment }
    }
    default:
      return { kind: 'test', about: story[0]?.details.about ?? '' }
  }
}
