import { describe, expect, test } from 'vitest'
import {
  advance,
  emptyTimeline,
  entriesOf,
  type Happening,
  type Timeline,
} from '#bot/console/client/timeline.ts'
import type { LocalMessage } from '#bot/console/local-chat.ts'
import { message, type Tone } from '#engine/message/message.ts'

const posted = (id: number, second = 0, tone: Tone = 'critical'): LocalMessage => ({
  id,
  message: message({ headline: `message ${id}`, tone }),
  thread: [],
  postedAt: '2026-11-21T03:00:00Z',
  updatedAt: `2026-11-21T03:00:0${second}Z`,
})
const play = (...happenings: Happening[]) => happenings.reduce(advance, emptyTimeline)
const arrived = (...message: Parameters<typeof posted>): Happening => ({
  kind: 'arrived',
  message: posted(...message),
})
const loaded = (...messages: LocalMessage[]): Happening => ({ kind: 'loaded', messages })
const asked = (key: number): Happening => ({ kind: 'asked', key, asked: 'list', at: '2026-11-21T03:00:00Z' })
const ids = ({ messages }: Timeline) => messages.map(({ id }) => id)
const order = (timeline: Timeline) =>
  entriesOf(timeline).map((entry) =>
    entry.kind === 'message' ? entry.message.id : `asked ${entry.whisper.key}`,
  )

describe('the stream', () => {
  test('is in order whatever order it came in', () => {
    expect(ids(play(loaded(posted(2), posted(3)), arrived(5), arrived(4)))).toEqual([2, 3, 4, 5])
  })

  test('keeps the later of two editions, whichever comes last', () => {
    const edited = play(loaded(posted(1, 0)), arrived(1, 5, 'resolved'), arrived(1, 3, 'acknowledged'))
    expect(edited.messages[0]?.message.tone).toBe('resolved')
  })

  test('keeps what arrived while the page was still under way', () => {
    expect(ids(play(arrived(9, 1), loaded(posted(7), posted(8))))).toEqual([7, 8, 9])
    const overtaken = play(arrived(8, 4, 'resolved'), loaded(posted(7), posted(8, 0)))
    expect(overtaken.messages.at(-1)?.message.tone).toBe('resolved')
  })

  test('forgets older pages after a lost connection, because their edits may have been missed', () => {
    const before = play(loaded(posted(3)), { kind: 'earlier', messages: [posted(1), posted(2)] })
    expect(ids(before)).toEqual([1, 2, 3])
    expect(ids(advance(before, loaded(posted(3), posted(4))))).toEqual([3, 4])
  })

  test('knows that there is more only while pages are full', () => {
    const page = Array.from({ length: 50 }, (_, at) => posted(at + 100))
    const full = play(loaded(...page))
    expect(full.hasEarlier).toBe(true)
    expect(advance(full, { kind: 'earlier', messages: [posted(99)] }).hasEarlier).toBe(false)
  })
})

describe('private answers', () => {
  test('stay where they were asked while the stream grows', () => {
    const timeline = play(loaded(posted(1)), asked(1), asked(2), arrived(2), asked(3))
    expect(order(timeline)).toEqual([1, 'asked 1', 'asked 2', 2, 'asked 3'])
  })

  test('are filled in when the answer comes, and can be put away', () => {
    const answer = { kind: 'refused', because: 'no' } as const
    const timeline = play(
      asked(1),
      asked(2),
      { kind: 'answered', key: 2, answer },
      { kind: 'dismissed', key: 1 },
    )
    expect(timeline.whispers).toMatchObject([{ key: 2, answer }])
  })
})

describe('what is read aloud', () => {
  test('a new alert, urgently when it is critical', () => {
    expect(play(loaded(), arrived(1)).news).toEqual({ key: 1, text: 'message 1', isUrgent: true })
    expect(play(loaded(), arrived(1, 0, 'warning')).news?.isUrgent).toBe(false)
  })

  test('a change of state, but not every edit', () => {
    const timeline = play(loaded(), arrived(1, 1), arrived(1, 2), arrived(1, 3))
    expect(timeline.news?.key).toBe(1)
    expect(advance(timeline, arrived(1, 4, 'resolved')).news).toMatchObject({ key: 2, isUrgent: false })
  })

  test('nothing of what was there before one came', () => {
    expect(play(loaded(posted(1), posted(2))).news).toBeUndefined()
  })
})
