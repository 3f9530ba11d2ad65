import { expect, test } from 'vitest'
import { asServiceEvent } from '#engine/check-event.ts'
import { eventTags } from '#engine/event-tags.ts'

test.each([
  ['node-07.dc1.example', 'Disk / C: Usage', [], ['node-07', 'dc1.example', 'disk', '/', 'c:', 'usage']],
  ['alpha', 'ping', ['Shop', 'ping'], ['Shop', 'ping', 'alpha']],
  ['alpha.', '  two\t words ', [], ['alpha', '', 'two', 'words']],
])('%s, %s', (entity, check, tags, expected) => {
  expect(eventTags({ entity, check, tags })).toEqual(expected)
})

test('an event of our own rules brings its labels as tags, and 0 as never again', () => {
  const event = asServiceEvent({
    environment: 'prod',
    entity: 'Orders',
    check: 'error rate',
    state: 'warning',
    at: new Date('2026-01-01T00:00:00.900Z'),
    title: 'Errors above 5 %',
    summary: '7 % in 5 min',
    labels: { app: 'orders' },
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 0,
  })
  expect(event).toMatchObject({
    checkKey: 'orders:error rate',
    tags: ['app=orders'],
    observedAt: 1_767_225_600,
    summary: 'Errors above 5 %',
    repeatFailureDelaySeconds: 'never',
  })
})
