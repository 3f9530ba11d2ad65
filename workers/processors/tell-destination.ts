import {
  type Notification,
  postponeNotifications,
  type Receipt,
  settleNotifications,
} from '#db/repositories/notifications.ts'
import type { destinations } from '#db/schema/notifications.ts'
import type { Line } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { toldFor } from '#engine/message/subject-of.ts'
import type { Hands } from '#workers/hands.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'
import { retryDelayMs } from './retry-delay.ts'

type Unsaid = Pick<Notification, 'id' | 'attempts' | 'state' | 'notBefore' | 'reason'>

/** One living message at one destination, and what is to be said under it. */
export interface Telling<N extends Unsaid> {
  readonly destination: typeof destinations.$inferSelect
  /** Oldest first. */
  readonly unsaid: readonly N[]
  /** Of the message that is there; undefined = none yet. */
  readonly receipt: Receipt | undefined
  readonly message: Tellable
  /** Stable across retries. */
  readonly deliveryId: string
  readonly keepReceipt: (receipt: Receipt) => Promise<void>
  /** What is worth a line in the thread. */
  readonly lineOf: (one: N) => Line | undefined
}

/** While one of them waits to be tried again, newer ones wait with it: the story is told in its order. */
export function endOfWait(unsaid: readonly Unsaid[], now: Date): Date | undefined {
  const waits = unsaid.filter(({ state, notBefore }) => state === 'PENDING' && notBefore > now)
  return waits.map(({ notBefore }) => notBefore).sort((one, other) => other.getTime() - one.getTime())[0]
}

/** Edits the living message to what is true now, or posts it, then adds a line for each thing that happened. */
export async function tellDestination<N extends Unsaid>(hands: Hands, telling: Telling<N>): Promise<void> {
  const { db, clock } = hands
  const notifier = hands.notifiers[telling.destination.surface]
  if (!notifier) {
    const error = `${telling.destination.surface} is not set up here.`
    return settleNotifications(db, idsOf(telling.unsaid), 'FAILED', { at: clock(), error })
  }
  const unsaid = new Set(telling.unsaid)
  try {
    const { receipt, isFresh } = await showLivingMessage(notifier, telling)
    for (const one of telling.unsaid) {
      // A message posted just now already tells the whole story.
      const line = isFresh ? undefined : telling.lineOf(one)
      if (line) await ask(notifier.reply(receipt, line, one.id, toldFor(telling.message, one.reason)))
      await settleNotifications(db, [one.id], 'DELIVERED', { at: clock() })
      unsaid.delete(one)
    }
  } catch (error) {
    await survive(hands, { ...telling, unsaid: [...unsaid] }, error)
  }
}

async function showLivingMessage<N extends Unsaid>(notifier: Notifier, telling: Telling<N>) {
  const { destination, receipt: known, message } = telling
  const fresh = await ask(
    known ? notifier.update(known, message) : notifier.post(destination.address, message, telling.deliveryId),
  )
  if (fresh) await telling.keepReceipt(fresh)
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
async function survive<N extends Unsaid>(
  { db, clock, log }: Hands,
  { destination, unsaid }: Pick<Telling<N>, 'destination' | 'unsaid'>,
  error: unknown,
): Promise<void> {
  if (!(error instanceof DeliveryError)) throw error
  const attempts = Math.max(...unsaid.map((one) => one.attempts)) + 1
  const delayMs = retryDelayMs(attempts, error)
  const { name, surface } = destination
  if (delayMs === undefined) {
    log.error({ err: error, destination: name, surface }, 'a notification could not be delivered')
    return settleNotifications(db, idsOf(unsaid), 'FAILED', { at: clock(), error: error.message })
  }
  log.warn({ err: error, destination: name, surface, delayMs }, 'a notification will be tried again')
  const notBefore = new Date(clock().getTime() + delayMs)
  return postponeNotifications(db, idsOf(unsaid), { notBefore, error: error.message })
}

export function idsOf(notifications: readonly Pick<Notification, 'id'>[]): string[] {
  return notifications.map(({ id }) => id)
}
