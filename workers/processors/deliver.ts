import { loadStory } from '#db/repositories/incidents.ts'
import {
  openParcel,
  type Parcel,
  postponeNotifications,
  saveReceipt,
  settleNotifications,
} from '#db/repositories/notifications.ts'
import type { Database } from '#db/client.ts'
import { type IncidentStory, incidentView } from '#engine/incident/incident.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { deservesReply, isHeldBySilence } from '#engine/notify/plan.ts'
import type { Hands } from '#workers/hands.ts'
import { DeliveryError, type Notifier, type Receipt } from '#workers/notifiers/notifier.ts'
import { retryDelayMs } from './retry-delay.ts'

/**
 * Says everything not yet said about one incident at one destination: edits the living message to what is true now, then
 * adds a line for each thing that happened. What several notifications would show is shown once.
 */
export async function deliverNotification(hands: Hands, notificationId: string): Promise<void> {
  await hands.db.transaction(async (tx) => {
    const parcel = await openParcel(tx, notificationId, hands.clock())
    if (!parcel) return
    const story = await loadStory(tx, parcel.incidentId, hands.clock())
    const fate = decideFate(story, parcel)
    if (fate.kind === 'held') return postponeNotifications(tx, idsOf(parcel), 'HELD', { notBefore: fate.until })
    if (fate.kind === 'dropped') return settleNotifications(tx, idsOf(parcel), 'DROPPED', { at: hands.clock() })
    await send({ ...hands, db: tx }, parcel, story)
  })
}

type Fate = { kind: 'say' } | { kind: 'dropped' } | { kind: 'held'; until: Date }

/** Decided when it is about to go out, not when it was queued: silences come and go in between. */
function decideFate({ incident, silence }: IncidentStory, parcel: Parcel): Fate {
  const isOver = incidentView(incident) === 'RESOLVED'
  const wasHeld = parcel.unsaid.some(({ notification }) => notification.state === 'HELD')
  if (isOver && !parcel.receipt && wasHeld) return { kind: 'dropped' }
  const onlyNews = parcel.unsaid.every(({ notification }) => isHeldBySilence(notification.reason))
  if (silence && !isOver && onlyNews) return { kind: 'held', until: silence.endsAt }
  return { kind: 'say' }
}

async function send(hands: Hands, parcel: Parcel, story: IncidentStory): Promise<void> {
  const notifier = hands.notifiers[parcel.destination.surface]
  if (!notifier) return settle(hands.db, parcel, hands.clock(), `${parcel.destination.surface} is not set up here.`)
  try {
    const receipt = await showLivingMessage(hands, notifier, parcel, story)
    await reply(notifier, parcel, receipt)
    await settle(hands.db, parcel, hands.clock())
  } catch (error) {
    await survive(hands, parcel, error)
  }
}

async function showLivingMessage(hands: Hands, notifier: Notifier, parcel: Parcel, story: IncidentStory): Promise<Receipt> {
  const message = composeIncident(story, hands.clock())
  const { incidentId, destination, receipt } = parcel
  const fresh = receipt
    ? await notifier.update(receipt, message)
    : await notifier.post(destination.address, message, `${incidentId}/${destination.id}`)
  if (fresh) await saveReceipt(hands.db, parcel, fresh, hands.clock())
  return fresh ?? (receipt as Receipt)
}

/** A message posted just now already tells the whole story. */
async function reply(notifier: Notifier, parcel: Parcel, receipt: Receipt): Promise<void> {
  if (!parcel.receipt) return
  for (const { notification, entry } of parcel.unsaid) {
    if (entry && deservesReply(notification.reason)) await notifier.reply(receipt, timelineLine(entry), notification.id)
  }
}

async function settle(db: Database, parcel: Parcel, at: Date, error?: string): Promise<void> {
  const outcome = error === undefined ? { at } : { at, error }
  await settleNotifications(db, idsOf(parcel), error === undefined ? 'DELIVERED' : 'FAILED', outcome)
}

/** The row is the truth: it remembers when to try again, and the sweeper will. */
async function survive({ db, clock, log }: Hands, parcel: Parcel, error: unknown): Promise<void> {
  if (!(error instanceof DeliveryError)) throw error
  const attempts = Math.max(...parcel.unsaid.map(({ notification }) => notification.attempts)) + 1
  const delayMs = retryDelayMs(attempts, error)
  const { name, surface } = parcel.destination
  if (delayMs === undefined) {
    log.error({ err: error, destination: name, surface }, 'a notification could not be delivered')
    return settle(db, parcel, clock(), error.message)
  }
  log.warn({ err: error, destination: name, surface, delayMs }, 'a notification will be tried again')
  const notBefore = new Date(clock().getTime() + delayMs)
  return postponeNotifications(db, idsOf(parcel), 'PENDING', { notBefore, error: error.message })
}

function idsOf(parcel: Parcel): string[] {
  return parcel.unsaid.map(({ notification }) => notification.id)
}
