import type { Database } from '#db/client.ts'
import { editLocalMessage, postLocalMessage, replyToLocalMessage } from '#db/repositories/local-messages.ts'
import { DeliveryError, type Notifier, type Receipt } from './notifier.ts'

/** The local chat keeps its messages in our own database; its page hears of them through NOTIFY. */
export function localNotifier(db: Database, clock: () => Date): Notifier {
  return {
    post: async (_address, message, deliveryId) => ({ id: String(await postLocalMessage(db, deliveryId, message, clock())) }),
    update: async (receipt, message) => {
      await editLocalMessage(db, idOf(receipt), message, clock())
      return undefined
    },
    reply: (receipt, line, deliveryId) =>
      replyToLocalMessage(db, idOf(receipt), { deliveryId, at: clock().toISOString(), line }),
  }
}

function idOf(receipt: Receipt): number {
  const id = Number(receipt['id'])
  if (!Number.isSafeInteger(id)) throw new DeliveryError('the receipt of a local message holds no id', { retry: 'never' })
  return id
}
