import type { Line } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'

/** Where a destination's messages go, in the vendor's own terms, e.g. `{ channel: 'C123' }`. */
export type Address = Readonly<Record<string, string>>

/** The handle to a message we posted, in the vendor's own terms, e.g. `{ channel: 'C123', ts: '1.2' }`. */
export type Receipt = Readonly<Record<string, string>>

/**
 * One medium's hands. `deliveryId` is stable across retries: a vendor that can drop doubles is given it.
 * Every failure is a DeliveryError; anything else thrown is a bug.
 */
export interface Notifier {
  post(address: Address, message: Tellable, deliveryId: string): Promise<Receipt>
  /** Edits the living message in place. The answer is a new receipt where the message had to be posted anew. */
  update(receipt: Receipt, message: Tellable): Promise<Receipt | undefined>
  /** One line in the message's thread. `message` is how the living message stands, its subject with the reason of this line. */
  reply(receipt: Receipt, line: Line, deliveryId: string, message: Tellable): Promise<void>
  close?(): Promise<void>
}

/** Whose fault it is that nothing arrived; says what a person can do about it. */
export type Fault =
  /** The credentials are wrong or were taken away. */
  | 'auth'
  /** What the connection leads to is no more. */
  | 'gone'
  | 'rate-limited'
  /** They do not take this message. */
  | 'client'
  | 'server'
  | 'timeout'
  | 'network'
  /** What was entered here cannot work. */
  | 'config'

interface DeliveryTrouble {
  readonly retry: 'never' | 'later'
  readonly afterMs?: number
  readonly fault?: Fault
  /** Of HTTP, where there was an answer. */
  readonly status?: number
  readonly cause?: unknown
}

/** `never`: trying again cannot help. `later`: it may, not before `afterMs` where the vendor named a time. */
export class DeliveryError extends Error {
  readonly retry: 'never' | 'later'
  readonly afterMs: number | undefined
  readonly fault: Fault | undefined
  readonly status: number | undefined

  constructor(message: string, { retry, afterMs, fault, status, cause }: DeliveryTrouble) {
    super(message, { cause })
    this.name = 'DeliveryError'
    this.retry = retry
    this.afterMs = afterMs
    this.fault = fault
    this.status = status
  }
}
