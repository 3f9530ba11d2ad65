import { loadStory } from '#db/repositories/incidents.ts'
import {
  holdNotifications,
  type Notification,
  openParcel,
  type Parcel,
  postponeNotifications,
  saveReceipt,
  settleNotifications,
} from '#db/repositories/notifications.ts'
import { type IncidentStory, incidentView } from '#engine/incident/incident.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { deservesReply } from '#engine/notify/plan.ts'
import { triage } from '#engine/notify/triage.ts'
import type { Hands } from '#workers/hands.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'
import { retryDelayMs } from './retry-delay.ts'

/**
 * Says everything not yet said about one incident at one destination: edits the living message to what is true now, then
 * adds a line for each thing that happened. What several notifications would show is shown once.
 */
export async function deliverNotification(hands: Hands, notificationId: string): Promise<void> {
  await hands.db.transaction(async (tx) => {
    const parcel = await openParcel(tx, notificationId)
    if (parcel) await deliverParcel({ ...hands, db: tx }, parcel)
  })
}

async function deliverParcel(hands: Hands, parcel: Parcel): Promise<void> {
  const { db, clock } = hands
  const now = clock()
  const waitUntil = endOfWait(parcel, now)
  if (waitUntil) return postponeNotifications(db, idsOf(parcel.unsaid), { notBefore: waitUntil })
  if (!parcel.destination.active) return settleNotifications(db, idsOf(parcel.unsaid), 'DROPPED', { at: now })
  const story = await loadStory(db, parcel.incidentId, now)
  const { say, hold, drop } = triage(parcel.unsaid, {
    view: incidentView(story.incident),
    isSilenced: story.silence !== undefined,
    isPosted: parcel.receipt !== undefined,
  })
  if (story.silence) await holdNotifications(db, idsOf(hold), story.silence.endsAt)
  await settleNotifications(db, idsOf(drop), 'DROPPED', { at: now })
  if (say.length > 0) await send(hands, { ...parcel, unsaid: say }, story)
}

/** While one of them waits to be tried again, newer ones wait with it: the story is told in its order. */
function endOfWait({ unsaid }: Parcel, now: Date): Date | undefined {
  const waits = unsaid.filter(({ state, notBefore }) => state === 'PENDING' && notBefore > now)
  return waits.map(({ notBefore }) => notBefore).sort((one, other) => other.getTime() - one.getTime())[0]
}

async function send(hands: Hands, parcel: Parcel, story: IncidentStory): Promise<void> {
  const { db, clock } = hands
  const notifier = hands.notifiers[parcel.destination.surface]
  if (!notifier) {
    const error = `${parcel.destination.surface} is not set up here.`
    return settleNotifications(db, idsOf(parcel.unsaid), 'FAILED', { at: clock(), error })
  }
  const unsaid = new Set(parcel.unsaid)
  try {
    const { receipt, isFresh } = await showLivingMessage(hands, notifier, parcel, story)
    for (const one of parcel.unsaid) {
      // A message posted just now already tells the whole story.
      if (!isFresh && one.entry && deservesReply(one.reason)) {
        await ask(notifier.reply(receipt, timelineLine(one.entry), one.id))
      }
      await settleNotifications(db, [one.id], 'DELIVERED', { at: clock() })
      unsaid.delete(one)
    }
  } catch (error) {
    await survive(hands, { ...parcel, unsaid: [...unsaid] }, error)
  }
}

async function showLivingMessage(hands: Hands, notifier: Notifier, parcel: Parcel, story: IncidentStory) {
  const message = composeIncident(story, hands.clock())
  const { incidentId, destination, receipt: known } = parcel
  const fresh = await ask(
    known
      ? notifier.update(known, message)
      : notifier.post(destination.address, message, `${incidentId}/${destination.id}`),
  )
  if (fresh) await saveReceipt(hands.db, parcel, fresh, hands.clock())
  const receipt = fresh ?? known
  if (!receipt) throw new Error(`${destination.surface} posted a message and gave no receipt`)
  return { receipt, isFresh: fresh !== undefined }
}

/**
 * Whatever else a notifier throws is a bug of ours. It must not undo the transaction: that would forget the receipt of
 * what was just posted, and post it again every few seconds.
 */
async function ask<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (error instanceof DeliveryError) throw error
    const name = error instanceof Error ? error.name : typeof error
    throw new DeliveryError(`Something unexpected happened on the way (${name}); the log has it.`, {
      retry: 'later',
      cause: error,
    })
  }
}

/** The row is the truth: it remembers when to try again, and the sweeper will. */
async function survive({ db, clock, log }: Hands, parcel: Parcel, error: unknown): Promise<void> {
  if (!(error instanceof DeliveryError)) throw error
  const attempts = Math.max(...parcel.unsaid.map((one) => one.attempts)) + 1
  const delayMs = retryDelayMs(attempts, error)
  const { name, surface } = parcel.destination
  if (delayMs === undefined) {
    log.error({ err: error, destination: name, surface }, 'a notification could not be delivered')
    return settleNotifications(db, idsOf(parcel.unsaid), 'FAILED', { at: clock(), error: error.message })
  }
  log.warn({ err: error, destination: name, surface, delayMs }, 'a notification will be tried again')
  const notBefore = new Date(clock().getTime() + delayMs)
  return postponeNotifications(db, idsOf(parcel.unsaid), { notBefore, error: error.message })
}

function idsOf(notifications: readonly Pick<Notification, 'id'>[]): string[] {
  return notifications.map(({ id }) => id)
}
