import type { LocalMessage } from '#bot/console/local-chat.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Message } from '#engine/message/message.ts'
import { pageSize } from './server.ts'

/** What one person asked and was told; nobody else sees it, and it is gone with the page. */
export interface Whisper {
  readonly key: number
  readonly asked: string
  readonly at: string
  /** The newest message when it was asked: it keeps its place while the stream grows. */
  readonly after: number
  readonly answer?: Extract<Answer, { kind: 'message' | 'refused' }>
}

export type Entry =
  | { readonly kind: 'message'; readonly message: LocalMessage }
  | { readonly kind: 'whisper'; readonly whisper: Whisper }

/** What a screen reader should be told now. */
export interface News {
  readonly key: number
  readonly text: string
  readonly isUrgent: boolean
}

export interface Timeline {
  readonly messages: readonly LocalMessage[]
  readonly whispers: readonly Whisper[]
  readonly isLoaded: boolean
  readonly hasEarlier: boolean
  readonly news?: News
}

export type Happening =
  | { readonly kind: 'loaded'; readonly messages: readonly LocalMessage[] }
  | { readonly kind: 'earlier'; readonly messages: readonly LocalMessage[] }
  | { readonly kind: 'arrived'; readonly message: LocalMessage }
  | { readonly kind: 'asked'; readonly key: number; readonly asked: string; readonly at: string }
  | { readonly kind: 'answered'; readonly key: number; readonly answer: NonNullable<Whisper['answer']> }
  | { readonly kind: 'dismissed'; readonly key: number }

export const emptyTimeline: Timeline = { messages: [], whispers: [], isLoaded: false, hasEarlier: false }

export function advance(timeline: Timeline, happening: Happening): Timeline {
  switch (happening.kind) {
    case 'loaded':
      return load(timeline, happening.messages)
    case 'earlier':
      return {
        ...timeline,
        messages: merge(timeline.messages, happening.messages),
        hasEarlier: happening.messages.length === pageSize,
      }
    case 'arrived':
      return arrive(timeline, happening.message)
    case 'asked':
      return { ...timeline, whispers: [...timeline.whispers, { ...happening, after: newestId(timeline) }] }
    case 'answered':
      return answer(timeline, happening)
    case 'dismissed':
      return { ...timeline, whispers: timeline.whispers.filter((one) => one.key !== happening.key) }
  }
}

export function newestId({ messages }: Pick<Timeline, 'messages'>): number {
  return messages.at(-1)?.id ?? 0
}

/** Oldest first; what was asked stands right behind the newest message of its moment. */
export function entriesOf({ messages, whispers }: Timeline): readonly Entry[] {
  const placed = [
    ...messages.map((message) => ({ at: message.id, entry: { kind: 'message', message } as const })),
    ...whispers.map((whisper) => ({ at: whisper.after + 0.5, entry: { kind: 'whisper', whisper } as const })),
  ]
  return placed.sort((one, other) => one.at - other.at).map(({ entry }) => entry)
}

/**
 * After a lost connection edits may have been missed, so the fresh page replaces what was known. Only what the new
 * connection brought while the page was under way is kept: it is newer than the page.
 */
function load(timeline: Timeline, fresh: readonly LocalMessage[]): Timeline {
  const newest = newestId({ messages: fresh })
  const arrivedMeanwhile = timeline.messages.filter(
    (one) => one.id > newest || fresh.some(({ id }) => id === one.id),
  )
  return {
    ...timeline,
    messages: merge(arrivedMeanwhile, fresh),
    isLoaded: true,
    hasEarlier: fresh.length === pageSize,
  }
}

function arrive(timeline: Timeline, message: LocalMessage): Timeline {
  const known = timeline.messages.find((one) => one.id === message.id)
  const messages = merge(timeline.messages, [message])
  if (known && known.message.tone === message.message.tone) return { ...timeline, messages }
  const { headline, tone } = message.message
  return { ...timeline, messages, news: tell(timeline, headline, tone === 'critical') }
}

function answer(timeline: Timeline, { key, answer }: Extract<Happening, { kind: 'answered' }>): Timeline {
  const whispers = timeline.whispers.map((one) => (one.key === key ? { ...one, answer } : one))
  // A refusal speaks for itself where it is shown.
  if (answer.kind === 'refused') return { ...timeline, whispers }
  const text = spoken(answer.message)
  return { ...timeline, whispers, news: tell(timeline, `Only you see this: ${text}`, false) }
}

function spoken({ headline, items }: Message): string {
  return items.length > 0 ? `${headline}, ${items.length} listed` : headline
}

function tell({ news }: Timeline, text: string, isUrgent: boolean): News {
  return { key: (news?.key ?? 0) + 1, text, isUrgent }
}

/** By id, ascending. Of two versions the one edited later stays: an answer and an event may overtake each other. */
function merge(some: readonly LocalMessage[], more: readonly LocalMessage[]): readonly LocalMessage[] {
  const byId = new Map(some.map((message) => [message.id, message]))
  for (const message of more) {
    const known = byId.get(message.id)
    if (!known || known.updatedAt <= message.updatedAt) byId.set(message.id, message)
  }
  return [...byId.values()].sort((one, other) => one.id - other.id)
}
