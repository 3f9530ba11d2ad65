import type { Line } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'

/** A vendor that records what it is told, and has its bad days. */
export interface AnotherChat extends Notifier {
  readonly posts: Tellable[]
  readonly updates: Tellable[]
  readonly replies: Line[]
  /** What each reply was a reply to. */
  readonly repliedTo: Tellable[]
  /** What every call runs into from now on; undefined: all is well. */
  trouble: Error | undefined
  /** The same for replies alone. */
  replyTrouble: Error | undefined
  calls: number
}

export function anotherChat(): AnotherChat {
  const chat: AnotherChat = {
    posts: [],
    updates: [],
    replies: [],
    repliedTo: [],
    trouble: undefined,
    replyTrouble: undefined,
    calls: 0,
    post: async (_address, message) => {
      meetTrouble()
      chat.posts.push(message)
      return { id: String(chat.posts.length) }
    },
    update: async (_receipt, message) => {
      meetTrouble()
      chat.updates.push(message)
      return undefined
    },
    reply: async (_receipt, line, _deliveryId, message) => {
      meetTrouble()
      if (chat.replyTrouble) throw chat.replyTrouble
      chat.replies.push(line)
      chat.repliedTo.push(message)
    },
  }
  return chat

  function meetTrouble(): void {
    chat.calls += 1
    if (chat.trouble) throw chat.trouble
  }
}

export const busy = (afterMs?: number) =>
  new DeliveryError('The chat is busy.', { retry: 'later', ...(afterMs !== undefined && { afterMs }) })

export const gone = () => new DeliveryError('The channel is gone.', { retry: 'never' })
