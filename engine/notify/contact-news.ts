import type { Line } from '#engine/message/message.ts'
import type { CheckNotification } from './decide-notification.ts'
import type { Reason } from './plan.ts'

/** What is told of an incident, and its place in the story; null = it has none. */
export interface StoryNews {
  readonly reason: Reason
  readonly entryId: number | null
}

type Told = CheckNotification['type']

const speaksOf: Readonly<Record<Told, readonly Reason[]>> = {
  problem: ['first', 'more', 'severity-rise', 'reopened', 'reminder'],
  recovery: ['recovered', 'resolved'],
  acknowledgement: ['acknowledged'],
  test: [],
}

const otherwise: Readonly<Record<Told, Reason>> = {
  problem: 'reminder',
  recovery: 'recovered',
  acknowledgement: 'acknowledged',
  test: 'announcement',
}

/**
 * Contacts are told by rules of their own, and of more than a chat: also that something fell from critical to warning, or
 * recovered while it flaps. Where everybody is told the same, it is told in the same words.
 */
export function contactNews(type: Told, news: readonly StoryNews[]): StoryNews {
  const same = news.findLast(({ reason }) => speaksOf[type].includes(reason))
  if (same) return same
  const partOf = type === 'recovery' ? news.findLast(({ reason }) => reason === 'edit') : undefined
  return { reason: otherwise[type], entryId: partOf?.entryId ?? null }
}

/** What is said of news that have no place in the story. */
export function plainNews(reason: Reason): Line | undefined {
  switch (reason) {
    case 'reminder':
      return ['It still fails.']
    case 'recovered':
      return ['It has recovered.']
    case 'acknowledged':
      return ['It was acknowledged.']
    default:
      return undefined
  }
}
