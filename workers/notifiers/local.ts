import type { Database } from '#db/client.ts'
import { editLocalMessage, postLocalMessage, replyToLocalMessage } from '#db/repositories/local-messages.ts'
import type { Message } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { DeliveryError, type Notifier, type Receipt } from './notifier.ts'

/** The local chat keeps its messages in our own database; its page hears of them through NOTIFY. */
export function localNotifier(db: Database, clock: () => Date): Notifier {
  return {
    answersDoublesWithTheFirst: true,
    post: async (_address, message, deliveryId) => {
      return { id: String(await postLocalMessage(db, deliveryId, shown(message), clock())) }
    },
    update: async (receipt, message) => {
      await editLocalMessage(db, idOf(receipt), shown(message), clock())
      return undefined
    },
    reply: (receipt, line, deliveryId) =>
      replyToLocalMessage(db, idOf(receipt), { deliveryId, at: clock().toISOString(), line }),
  }
}

/** The thread is always in view here, so the small print would say everything twice; what it is about is for machines. */
function shown({ subject: _forMachines, ...message }: Tellable): Message {
  return { ...message, notes: [] }
}

function idOf(receipt: Receipt): number {
  const id = Number(receipt['id'])
  if (!Number.isSafeInteger(id))
    throw new DeliveryError('the receipt of a local message holds no id', { retry: 'never' })
  return id
}
