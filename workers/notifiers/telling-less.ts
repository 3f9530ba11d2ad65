import { reduced } from '#engine/message/reduced.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { DeliveryError, type Notifier } from './notifier.ts'

/** What they find too much, or hold for malformed, is told once more with what matters most: a person should hear of it all the same. */
export function tellingLess<Given extends readonly unknown[]>(
  open: (...given: Given) => Notifier,
): (...given: Given) => Notifier {
  return (...given) => {
    const notifier = open(...given)
    return {
      post: (address, message, deliveryId) =>
        orLess(message, (some) => notifier.post(address, some, deliveryId)),
      update: (receipt, message) => orLess(message, (some) => notifier.update(receipt, some)),
      reply: (receipt, line, deliveryId, message) =>
        orLess(message, (some) => notifier.reply(receipt, line, deliveryId, some)),
    }
  }
}

async function orLess<T>(message: Tellable, say: (message: Tellable) => Promise<T>): Promise<T> {
  try {
    return await say(message)
  } catch (error) {
    if (!isTooMuch(error)) throw error
    return say(reduced(message))
  }
}

export function isTooMuch(error: unknown): boolean {
  return error instanceof DeliveryError && [400, 413, 422].includes(error.status ?? 0)
}
