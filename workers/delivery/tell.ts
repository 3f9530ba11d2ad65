import { performance } from 'node:perf_hooks'
import type { FreshReceipt } from '#db/repositories/outcomes.ts'
import type { Notification } from '#db/repositories/parcels.ts'
import type { Receipt } from '#db/repositories/notifications.ts'
import type { Line } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { toldFor } from '#engine/message/subject-of.ts'
import { type DeliveryAttempt, snippetOf } from '#engine/notify/delivery-attempt.ts'
import { type DeliveryFailure, retryAt } from '#engine/notify/retry.ts'
import { listeningToAnswers } from '#workers/notifiers/answered.ts'
import { type Address, DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'
import type { Pacer } from './pacer.ts'
import type { Save } from './saver.ts'

type Unsaid = Pick<Notification, 'id' | 'attempts' | 'reason'>

/** One living message at one destination, and what is to be said under it. */
export interface Telling {
  /** The id of an incident or a digest, or an announcement's subject. */
  readonly subject: string
  /** Of a digest: the incidents it is about to tell of, and those of them that it has not told of before. */
  readonly within?: readonly string[]
  readonly joining?: readonly string[]
  /** Of an incident: which digest tells of it too. */
  readonly digestId?: string
  readonly of: FreshReceipt['of']
  readonly destinationId: string
  readonly address: Address
  /** Oldest first. */
  readonly unsaid: readonly Unsaid[]
  /** Of the message that is there; undefined = none yet. */
  readonly receipt: Receipt | undefined
  readonly message: Tellable
  /** Stable across retries. */
  readonly deliveryId: string
  /** It may have been posted before, and nobody has its receipt. */
  readonly isPerhapsThere: boolean
  /** Since when it is nothing to be called about any more. */
  readonly overSince: Date | null
  /** What is worth a line in the thread. */
  readonly lineOf: (one: Unsaid) => Line | undefined
}

export interface Way {
  readonly notifier: Notifier
  readonly pacer: Pacer
  readonly save: Save
  readonly clock: () => Date
  /** 0..1 */
  readonly dice: () => number
  /** Nobody else tells this destination while we do; throws where somebody has begun to. */
  readonly stillOurs: () => Promise<void>
  /** So long did a call take. */
  readonly took: (seconds: number) => void
  readonly worked: () => Promise<void>
  readonly failed: (
    error: DeliveryError,
    outcome: { givenUp: number; retryAt: Date | undefined },
  ) => Promise<void>
}

/** Edits the living message to what is true now, or posts it, then adds a line for each thing that happened. */
export async function tell(way: Way, telling: Telling): Promise<void> {
  const unsaid = new Set(telling.unsaid)
  const delivered = async (some: readonly Unsaid[], attempt: DeliveryAttempt, fresh?: Receipt) => {
    const { of, subject, destinationId, joining = [] } = telling
    const said = {
      outcomes: some.map(({ id }) => ({ notificationId: id, state: 'DELIVERED' as const, attempt })),
      ...(fresh && { receipts: [{ of, subject, destinationId, receipt: fresh }] }),
      ...(joining.length > 0 && { digested: [{ digestId: subject, destinationId, incidentIds: joining }] }),
    }
    await way.save(said).catch((cause: unknown) => {
      throw new Unsaved('what was said could not be written down', { cause })
    })
    for (const one of some) unsaid.delete(one)
    await way.worked()
  }
  try {
    const { receipt, fresh, attempt } = await showLivingMessage(way, telling)
    // A message posted just now already tells the whole story.
    const lines = fresh ? [] : telling.unsaid.filter((one) => telling.lineOf(one) !== undefined)
    const shown = telling.unsaid.filter((one) => !lines.includes(one))
    if (shown.length > 0 || fresh) await delivered(shown, attempt, fresh)
    for (const one of lines) await delivered([one], await addLine(way, telling, receipt, one))
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    await survive(way, { ...telling, unsaid: [...unsaid] }, error)
  }
}

async function showLivingMessage(way: Way, telling: Telling) {
  const { receipt: known, message } = telling
  const { value, attempt } = known
    ? await call(way, 'edit', () => way.notifier.update(known, message))
    : await call(way, 'post', () => post(way, telling))
  const receipt = value ?? known
  if (!receipt) throw new Error('a message was posted, and there is no receipt')
  return { receipt, fresh: value, attempt }
}

async function post({ notifier }: Way, { address, message, deliveryId, isPerhapsThere }: Telling) {
  const receipt = await notifier.post(address, message, deliveryId)
  if (!isPerhapsThere || !notifier.answersDoublesWithTheFirst) return receipt
  return (await notifier.update(receipt, message)) ?? receipt
}

async function addLine(
  way: Way,
  { message, lineOf }: Telling,
  receipt: Receipt,
  one: Unsaid,
): Promise<DeliveryAttempt> {
  const line = lineOf(one) ?? []
  const { attempt } = await call(way, 'post', () =>
    way.notifier.reply(receipt, line, one.id, toldFor(message, one.reason)),
  )
  return attempt
}

/** Something was said that could not be written down. */
export class Unsaved extends Error {}

/** A call that came to nothing, and how it went. */
class Failed extends Error {
  override readonly cause: DeliveryError
  readonly attempt: DeliveryAttempt

  constructor(cause: DeliveryError, attempt: DeliveryAttempt) {
    super(cause.message, { cause })
    this.cause = cause
    this.attempt = attempt
  }
}

function call<T>(way: Way, kind: 'post' | 'edit', run: () => Promise<T>) {
  return listeningToAnswers(async (answered) => {
    await way.pacer.turn(kind)
    await way.stillOurs()
    const at = way.clock().toISOString()
    const began = performance.now()
    const attempt = (outcome: DeliveryAttempt['outcome'], error?: DeliveryError): DeliveryAttempt => {
      const text = error?.snippet ?? answered()?.snippet ?? error?.message
      return {
        at,
        outcome,
        status: error?.status ?? answered()?.status ?? null,
        durationMs: Math.round(performance.now() - began),
        snippet: text === undefined ? null : snippetOf(text),
      }
    }
    try {
      const value = await run()
      return { value, attempt: attempt('delivered') }
    } catch (error) {
      const failure = asDeliveryError(error)
      throw new Failed(failure, attempt('failed', failure))
    } finally {
      way.took((performance.now() - began) / 1000)
    }
  })
}

/** Whatever else a notifier throws is a bug of ours, to be found in the log; the message is tried again like after any trouble. */
function asDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error
  const name = error instanceof Error ? error.name : typeof error
  return new DeliveryError(`Something unexpected happened on the way (${name}); the log has it.`, {
    retry: 'later',
    cause: error,
  })
}

/** The row is the truth: it remembers when to try again. */
async function survive(way: Way, { unsaid, overSince }: Telling, { cause, attempt }: Failed): Promise<void> {
  const failure: DeliveryFailure = cause
  const attempts = Math.max(0, ...unsaid.map((one) => one.attempts)) + 1
  const at = retryAt(failure, { now: way.clock(), attempts, overSince, dice: way.dice() })
  const outcome = at ? ({ state: 'PENDING', notBefore: at } as const) : ({ state: 'FAILED' } as const)
  await way.save({
    outcomes: unsaid.map(({ id }) => ({ ...outcome, notificationId: id, error: cause.message, attempt })),
  })
  await way.failed(cause, { givenUp: at ? 0 : unsaid.length, retryAt: at })
}
