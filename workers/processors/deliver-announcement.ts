import { findPlannedMaintenance } from '#db/repositories/planned-maintenances.ts'
import { type AnnouncementParcel, saveAnnouncementReceipt } from '#db/repositories/announcements.ts'
import { postponeNotifications, settleNotifications } from '#db/repositories/notifications.ts'
import { findSilence } from '#db/repositories/silences.ts'
import type { Database } from '#db/client.ts'
import { announcementLine } from '#engine/suppress/announcement.ts'
import {
  composeAnnouncement,
  isAnnouncementOver,
  type AnnouncementSubject,
} from '#engine/view/announcement.ts'
import type { Hands } from '#workers/hands.ts'
import { endOfWait, idsOf, tellDestination } from './tell-destination.ts'

/** The living message of a silence or a maintenance, and a line for each thing that happened to it. */
export async function deliverAnnouncement(hands: Hands, parcel: AnnouncementParcel): Promise<void> {
  const { db, clock } = hands
  const now = clock()
  const waitUntil = endOfWait(parcel.unsaid, now)
  if (waitUntil) return postponeNotifications(db, idsOf(parcel.unsaid), { notBefore: waitUntil })
  const subject = await findSubject(db, parcel)
  // A chat that hears only now has missed nothing that still matters.
  const isStale = subject && parcel.receipt === undefined && isAnnouncementOver(subject, now)
  if (!subject || isStale || !parcel.destination.active)
    return settleNotifications(db, idsOf(parcel.unsaid), 'DROPPED', { at: now })
  await tellDestination(hands, {
    ...parcel,
    message: composeAnnouncement(subject, parcel.story, now),
    deliveryId: `${parcel.subject}/${parcel.destination.id}`,
    keepReceipt: (receipt) => saveAnnouncementReceipt(db, parcel, receipt, clock()),
    lineOf: ({ announcement }) => announcementLine(announcement),
  })
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
    default:
      return { kind: 'test', about: story[0]?.details.about ?? '' }
  }
}
