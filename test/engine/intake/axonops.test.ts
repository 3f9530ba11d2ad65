import { describe, expect, test } from 'vitest'
import { serviceEvent } from '#engine/event.ts'
import { readNotices } from '#engine/intake/axonops.ts'
import { noticeTypes } from '#engine/intake/axonops-catalogue.ts'

const arrival = { environment: 'prod', now: new Date('2026-01-31T10:00:00Z') }
const read = (body: unknown) =>
  readNotices(typeof body === 'string' ? body : JSON.stringify(body), 'json', arrival)
const problem = (body: unknown) =>
  read(body)
    .refused.flatMap(({ problems }) => problems)
    .join('\n')
const plain = {
  category: 'nodes',
  severity: 'error',
  source: 'orders-cluster',
  title: 'Agent is disconnected',
}

test('a named type brings its category, severity and title along', () => {
  const notice = {
    type: 'repair-segment-failed',
    source: 'orders-cluster',
    component: 'node-3',
    message: 'Segment 17 failed',
    at: '2026-01-31T09:59:00Z',
  }
  expect(read(notice)).toEqual({
    refused: [],
    events: [
      serviceEvent({
        judgedBy: 'arrival',
        environment: 'prod',
        entity: 'orders-cluster/node-3',
        check: 'repair-segment-failed',
        state: 'warning',
        at: new Date('2026-01-31T09:59:00Z'),
        title: 'A repair segment failed',
        summary: 'Segment 17 failed',
        labels: {
          category: 'repairs',
          source: 'orders-cluster',
          component: 'node-3',
          type: 'repair-segment-failed',
        },
        initialFailureDelaySeconds: 0,
        repeatFailureDelaySeconds: 0,
      }),
    ],
  })
})

test('a notice without a type says all that itself', () => {
  expect(read(plain).events[0]).toMatchObject({
    entity: 'orders-cluster',
    check: 'nodes: Agent is disconnected',
    state: 'critical',
    observedAt: arrival.now.getTime() / 1000,
    labels: { category: 'nodes', source: 'orders-cluster' },
  })
})

test('what the notice says itself wins over its type', () => {
  const notice = {
    type: 'backup-create-failed',
    severity: 'info',
    title: 'Nightly backup failed',
    source: 's',
  }
  expect(read(notice).events[0]).toMatchObject({
    state: 'info',
    title: 'Nightly backup failed',
    check: 'backup-create-failed',
  })
})

test('resolved clears the same check', () => {
  const [failing, clear] = read([plain, { ...plain, resolved: true }]).events
  expect(clear).toEqual({ ...failing, state: 'ok' })
})

describe('the catalogue of backups and repairs', () => {
  const counted = (category: string, state: string) =>
    Object.values(noticeTypes).filter((type) => type.category === category && type.state === state).length

  test.each([
    ['backups', 'critical', 1],
    ['backups', 'warning', 12],
    ['backups', 'info', 2],
    ['repairs', 'critical', 3],
    ['repairs', 'warning', 7],
    ['repairs', 'info', 0],
  ])('%s, %s: %i', (category, state, count) => {
    expect(counted(category, state)).toBe(count)
  })

  test.each(Object.entries(noticeTypes))(
    '%s can be sent by its name alone',
    (type, { category, state, title }) => {
      expect(read({ type, source: 's' }).events[0]).toMatchObject({
        check: type,
        state,
        title,
        labels: { category },
      })
    },
  )

  test('every title is another one', () => {
    const titles = Object.values(noticeTypes).map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

describe('a notice that cannot be read is told why', () => {
  test.each([
    ['{', /cannot be read as JSON/],
    [7, /^A notice is an object/],
    [null, /A notice is an object/],
    [{ ...plain, source: undefined }, /source must be text/],
    [{ ...plain, source: ' ' }, /source is empty/],
    [{ ...plain, source: 'a\0' }, /source holds a NUL/],
    [{ ...plain, source: '\ud800' }, /half a character/],
    [{ ...plain, title: 'x'.repeat(301) }, /title has more than 300 characters/],
    [{ ...plain, category: 'weather' }, /category is one of metrics, backups/],
    [{ ...plain, category: undefined }, /category is missing/],
    [{ ...plain, severity: 'purple' }, /severity is missing or unknown/],
    [{ ...plain, severity: 1e300 }, /severity must be text/],
    [{ ...plain, title: undefined }, /title is missing/],
    [{ ...plain, type: 'constructor' }, /type is no event type I know/],
    [{ ...plain, at: 'soon' }, /at: "soon" is no time/],
    [{ ...plain, colour: 'red' }, /"colour" is not part of a notice: remove it/],
    ['['.repeat(100_000) + ']'.repeat(100_000), /nests more than 100 levels deep/],
  ])('%.60j', (body, expected) => {
    expect(read(body).events).toEqual([])
    expect(problem(body)).toMatch(expected)
  })

  test('good notices beside it are kept', () => {
    const { events, refused } = read([plain, {}, plain])
    expect(events).toHaveLength(2)
    expect(refused).toEqual([{ index: 1, problems: [expect.stringMatching(/^source must be text/)] }])
  })

  test('a prototype that was sent is nothing the notice has', () => {
    const { events, refused } = read(
      `{"__proto__":{"type":"backup-deleted"},${JSON.stringify(plain).slice(1)}`,
    )
    expect(refused.length + events.length).toBe(1)
    expect(events[0]?.labels['type']).toBeUndefined()
  })
})
