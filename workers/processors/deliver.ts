import { loadStory } from '#db/repositories/incidents.ts'
import { openAnnouncementParcel } from '#db/repositories/announcements.ts'
import {
  findAddressed,
  holdNotifications,
  openParcel,
  type Parcel,
  postponeNotifications,
  saveReceipt,
  settleNotifications,
} from '#db/repositories/notifications.ts'
import { incidentView } from '#engine/incident/incident.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { subjectOf } from '#engine/message/subject-of.ts'
import { deservesReply } from '#engine/notify/plan.ts'
import { triage } from '#engine/notify/triage.ts'
import type { Hands } from '#workers/hands.ts'
import { deliverAnnouncement } from './deliver-announcement.ts'
import { endOfWait, idsOf, tellDestination } from './tell-destination.ts'

/**
 * Says everything not yet said about one incident (or one announcement's subject) at one destination. What several notifications
 * would show is shown once.
 */
export async function deliverNotification(hands: Hands, notificationId: string): Promise<void> {
  await hands.db.transaction(async (tx) => {
    const addressed = await findAddressed(tx, notificationId)
    if (!addressed) return
    const within = { ...hands, db: tx }
    if ('announcementId' in addressed) {
      const parcel = await openAnnouncementParcel(tx, addressed)
      if (parcel) await deliverAnnouncement(within, parcel)
    } else {
      const parcel = await openParcel(tx, addressed)
      if (parcel) await deliverParcel(within, parcel)
    }
  })
}

async function deliverParcel(hands: Hands, parcel: Parcel): Promise<void> {
  const { db, clock } = hands
  const now = clock()
  const waitUntil = endOfWait(parcel.unsaid, now)
  if (waitUntil) return postponeNotifications(db, idsOf(parcel.unsaid), { notBefore: waitUntil })
  if (!parcel.destination.active) return settleNotifications(db, idsOf(parcel.unsaid), 'DROPPED', { at: now })
  const story = await loadStory(db, parcel.incidentId, now)
  const { say, hold, drop } = triage(parcel.unsaid, {
    view: incidentView(story.incident),
    isSuppressed: story.suppression !== undefined,
    isPosted: parcel.receipt !== undefined,
  })
  if (story.suppression) await holdNotifications(db, idsOf(hold), story.suppression)
  await settleNotifications(db, idsOf(drop), 'DROPPED', { at: now })
  if (say.length === 0) return
  await tellDestination(hands, {
    ...parcel,
    unsaid: say,
    message: {
      ...composeIncident(story, now),
      subject: subjectOf(story, say.at(-1)?.reason ?? 'edit', hands.publicUrl),
    },
    deliveryId: `${parcel.incidentId}/${parcel.destination.id}`,
    keepReceipt: (receipt) => saveReceipt(db, parcel, receipt, clock()),
    lineOf: ({ entry, reason }) => (entry && deservesReply(reason) ? timelineLine(entry) : undefined),
  })
}
