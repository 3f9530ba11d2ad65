import type { Line } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import type { Fault } from '#engine/notify/fault.ts'

/** Where a destination's messages go, in the vendor's own terms, e.g. `{ channel: 'C123' }`. */
export type Address = Readonly<Record<string, string>>

/** The handle to a message we posted, in the vendor's own terms, e.g. `{ channel: 'C123', ts: '1.2' }`. */
export type Receipt = Readonly<Record<string, string>>

/**
 * One medium's hands. `deliveryId` is stable across retries: a vendor that can drop doubles is given it.
 * Every failure is a DeliveryError; anything else thrown is a bug.
 */
export interface Notifier {
  /** A second post of the same delivery comes to nothing: the answer is the message that is there, as it was. */
  readonly answersDoublesWithTheFirst?: true
  post(address: Address, message: Tellable, deliveryId: string): Promise<Receipt>
  /** Edits the living message in place. The answer is a new receipt where the message had to be posted anew. */
  update(receipt: Receipt, message: Tellable): Promise<Receipt | undefined>
  /** One line in the message's thread. `message` is how the living message stands, its subject with the reason of this line. */
  reply(receipt: Receipt, line: Line, deliveryId: string, message: Tellable): Promise<void>
  close?(): Promise<void>
}

interface DeliveryTrouble {
  readonly retry: 'never' | 'later'
  readonly afterMs?: number
  readonly fault?: Fault
  /** Of HTTP, where there was an answer. */
  readonly status?: number
  /** How the answer began, where a stranger may see it. */
  readonly snippet?: string
  readonly cause?: unknown
}

/** `never`: trying again cannot help. `later`: it may, not before `afterMs` where the vendor named a time. */
export class DeliveryError extends Error {
  readonly retry: 'never' | 'later'
  readonly afterMs: number | undefined
  readonly fault: Fault | undefined
  readonly status: number | undefined
  readonly snippet: string | undefined

  constructor(message: string, { retry, afterMs, fault, status, snippet, cause }: DeliveryTrouble) {
    super(message, { cause })
    this.name = 'DeliveryError'
    this.retry = retry
    this.afterMs = afterMs
    this.fault = fault
    this.status = status
    this.snippet = snippet
  }
}
