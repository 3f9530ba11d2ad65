import { expect, test } from 'vitest'
import { asTold, numberReminders } from '#engine/incident/reminders.ts'
import { type TimelineEntry, type TimelineKind, timelineLine } from '#engine/incident/timeline.ts'
import { plainLine } from '#engine/message/plain.ts'
import { after, ana } from '#test/harness/engine-things.ts'

const entry = (kind: TimelineKind, minute: number, lasted?: string): TimelineEntry => ({
  at: after(minute * 60),
  actor: ana,
  kind,
  details: lasted === undefined ? {} : { lasted },
})

test('a reminder says which one it is, and after how long, counted from when it fired', () => {
  const story = numberReminders([
    entry('fired', 0),
    entry('reminded', 60, '1 h'),
    entry('silenced', 70),
    ...Array.from({ length: 11 }, (_, index) => entry('reminded', 120 + index, '2 h')),
    entry('reopened', 500),
    entry('reminded', 560, '3 h'),
  ])
  const lines = story.filter(({ kind }) => kind === 'reminded').map((one) => plainLine(timelineLine(one)))
  const tail = 'it still fails, and nobody has acknowledged it.'
  expect([lines[0], lines[1], lines[2], lines[3], lines[10], lines[11], lines.at(-1)]).toEqual([
    `1st reminder after 1 h: ${tail}`,
    `2nd reminder after 2 h: ${tail}`,
    `3rd reminder after 2 h: ${tail}`,
    `4th reminder after 2 h: ${tail}`,
    `11th reminder after 2 h: ${tail}`,
    `12th reminder after 2 h: ${tail}`,
    `1st reminder after 3 h: ${tail}`,
  ])
})

test('what is told alone is told as it stands in the story', () => {
  const alone = entry('reminded', 60, '1 h')
  const story = numberReminders([entry('fired', 0), alone])
  expect(asTold(alone, story).details.nth).toBe(1)
  expect(asTold(entry('fired', 1), story)).toEqual(entry('fired', 1))
})
