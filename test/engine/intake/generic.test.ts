import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serviceEvent } from '#engine/event.ts'
import { genericReader } from '#engine/intake/generic.ts'
import { mappingSchema, readMapping } from '#engine/intake/mapping.ts'

const arrival = { environment: 'prod', now: new Date('2026-01-31T10:00:00Z') }
const disk = {
  events: '/alerts',
  entity: '/host',
  check: '{{service}} {{volume}}',
  state: { from: '/level', words: { BAD: 'critical', FINE: 'ok' }, otherwise: 'warning' },
  title: '{{service}} on {{host}}',
  labels: { team: '/owner/team', rack: '/rack' },
  at: '/time',
}
const small = { entity: '/host', check: '/check', state: { from: '/state' } }

const reader = (mapping: unknown) => genericReader(mappingSchema.parse(mapping))
const read = (mapping: unknown, payload: unknown) =>
  reader(mapping)(typeof payload === 'string' ? payload : JSON.stringify(payload), 'json', arrival)
const problem = (mapping: unknown, payload: unknown) =>
  read(mapping, payload)
    .refused.flatMap(({ problems }) => problems)
    .join('\n')

test('the example beside the reader becomes an event', () => {
  const payload = {
    alerts: [
      {
        host: 'db-1',
        service: 'disk',
        volume: '/var',
        level: 'BAD',
        owner: { team: 'storage' },
        time: '2026-01-31T09:59:00Z',
      },
    ],
  }
  expect(read(disk, payload)).toEqual({
    refused: [],
    events: [
      serviceEvent({
        judgedBy: 'arrival',
        environment: 'prod',
        entity: 'db-1',
        check: 'disk /var',
        state: 'critical',
        at: new Date('2026-01-31T09:59:00Z'),
        title: 'disk on db-1',
        summary: '',
        labels: { team: 'storage' },
        initialFailureDelaySeconds: 0,
        repeatFailureDelaySeconds: 0,
      }),
    ],
  })
})

describe('states', () => {
  test.each([
    ['BAD', 'critical'],
    ['FINE', 'ok'],
    ['resolved', 'ok'],
    ['Error', 'critical'],
    ['notice', 'info'],
    ['strange', 'warning'],
    ['constructor', 'warning'],
    ['__proto__', 'warning'],
  ])('%s is %s', (level, state) => {
    expect(read(disk, { alerts: [{ host: 'a', service: 'b', level }] }).events[0]?.state).toBe(state)
  })

  test('a word nobody explained is refused where nothing else is said', () => {
    expect(problem(small, { host: 'a', check: 'b', state: 'strange' })).toMatch(
      /state: "strange" is no state I know; add it to state\.words/,
    )
  })
})

test('of several words for the state the first that means something decides', () => {
  const two = { ...small, state: { from: ['/status', '/severity'], otherwise: 'info' } }
  const stateFor = (status: string, severity?: string) =>
    read(two, { host: 'a', check: 'b', status, severity }).events[0]?.state
  expect(stateFor('resolved', 'critical')).toBe('ok')
  expect(stateFor('firing', 'critical')).toBe('critical')
  expect(stateFor('firing')).toBe('info')
})

describe('times', () => {
  test.each([
    ['1769853540', '2026-01-31T09:59:00.000Z'],
    [1769853540.5, '2026-01-31T09:59:00.000Z'],
    [1769853540000, '2026-01-31T09:59:00.000Z'],
    [undefined, '2026-01-31T10:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '2026-01-31T10:00:00.000Z'],
  ])('%s is %s', (at, expected) => {
    const { events } = read({ ...small, at: '/at' }, { host: 'a', check: 'b', state: 'ok', at })
    expect(events[0]?.observedAt).toBe(Date.parse(expected) / 1000)
  })

  test.each(['soon', 1e300, -1, '99999999999999999'])('%s is refused', (at) => {
    expect(problem({ ...small, at: '/at' }, { host: 'a', check: 'b', state: 'ok', at })).toMatch(
      /at: .* is no time/,
    )
  })
})

describe('pointers', () => {
  test.each([
    ['/a~1b/m~0n', { 'a/b': { 'm~n': 'x' } }, 'x'],
    ['/list/1', { list: ['w', 'x'] }, 'x'],
    ['/', { '': 'x' }, 'x'],
    ['/n', { n: 7 }, '7'],
    ['/n', { n: false }, 'false'],
  ])('%s', (pointer, payload, expected) => {
    expect(
      read({ ...small, entity: pointer }, { ...payload, check: 'c', state: 'ok' }).events[0]?.entity,
    ).toBe(expected)
  })

  test.each(['/constructor', '/__proto__', '/toString/name', '/list/length', '/list/01', '/nowhere/deep'])(
    '%s finds nothing that was not sent',
    (pointer) => {
      const said = problem({ ...small, entity: pointer }, { list: ['x'], check: 'c', state: 'ok' })
      expect(said).toBe(
        'entity: the mapping finds nothing in this payload; without it nobody knows what this is about.',
      )
    },
  )

  test('a pointer to more than one value is refused', () => {
    expect(problem(small, { host: { name: 'x' }, check: 'c', state: 'ok' })).toMatch(
      /entity: \/host is an object: point at a text/,
    )
  })
})

describe('templates', () => {
  test.each([
    ['{{host}}', 'a<b>'],
    ['{{#tags}}{{.}},{{/tags}}', 'x,y,'],
    ['{{owner.team}}', 'ops'],
    ['{{constructor}}{{__proto__}}{{owner.toString}}{{tags.map}}|', '|'],
  ])('%s', (entity, expected) => {
    const payload = { host: 'a<b>', tags: ['x', 'y'], owner: { team: 'ops' }, check: 'c', state: 'ok' }
    expect(read({ ...small, entity }, payload).events[0]?.entity).toBe(expected)
  })
})

describe('a bad event beside good ones', () => {
  test('is told by its number, and the good ones are kept', () => {
    const good = { host: 'a', check: 'b', state: 'ok' }
    const { events, refused } = read(small, [
      good,
      7,
      { ...good, host: ' ' },
      { ...good, host: 'x'.repeat(401) },
      { ...good, host: 'a\0' },
      good,
    ])
    expect(events).toHaveLength(2)
    expect(refused).toEqual([
      { index: 1, problems: [expect.stringMatching(/^an object is due here/)] },
      { index: 2, problems: [expect.stringMatching(/^entity: the mapping finds nothing/)] },
      { index: 3, problems: [expect.stringMatching(/^entity: it has 401 characters/)] },
      { index: 4, problems: [expect.stringMatching(/^entity: \/host yields a NUL/)] },
    ])
  })

  test.each([
    ['{', /cannot be read as JSON/],
    ['['.repeat(100_000) + ']'.repeat(100_000), /nests more than 100 levels deep/],
    ['{"alerts":7}', /^an object is due here/],
    ['{}', /^an object is due here/],
  ])('%.20s yields no event', (payload, expected) => {
    expect(read(disk, payload).events).toEqual([])
    expect(problem(disk, payload)).toMatch(expected)
  })

  test('no JSON whatsoever makes the reader throw', () => {
    const readDisk = reader(disk)
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { events, refused } = readDisk(`{"alerts":[${text}]}`, 'json', arrival)
        expect(events.length + refused.length).toBeGreaterThan(0)
      }),
    )
  })
})

test('a sender cannot make a template take long: it sees a hundred members and four thousand characters', () => {
  const nested = { ...small, title: '{{#list}}{{#list}}{{long}}{{/list}}{{/list}}' }
  const payload = {
    host: 'a',
    check: 'b',
    state: 'ok',
    list: Array.from({ length: 100_000 }, () => ({})),
    long: 'x'.repeat(1_000_000),
  }
  expect(read(nested, payload).events[0]?.title).toBe('x'.repeat(300))
})

describe('a mapping that cannot work is refused where it is written', () => {
  test.each<[unknown, string, RegExp]>([
    [{ ...small, entity: '' }, 'entity', /The field is empty/],
    [{ ...small, entity: '/a~2' }, 'entity', /writes ~ as ~0/],
    [{ ...small, entity: 'a\0' }, 'entity', /NUL/],
    [{ ...small, check: '{{#open}}' }, 'check', /The template cannot be read: Unclosed section "open"/],
    [
      { ...small, check: '{{#a}}{{#b}}{{^c}}x{{/c}}{{/b}}{{/a}}' },
      'check',
      /more than 2 sections inside each other/,
    ],
    [
      { ...small, state: { from: '/s', words: { x: 'terrible' } } },
      'state.words.x',
      /one of ok, info, warning, critical, unknown/,
    ],
    [{ ...small, state: { from: '/s', words: { 'a\0': 'ok' } } }, 'state.words.a\0', /NUL/],
    [{ ...small, state: { from: '/s', wrods: {} } }, 'state.wrods', /no such field/],
    [{ ...small, labels: { 'a-b': '/x' } }, 'labels.a-b', /letters, digits and _ only/],
    [{ ...small, labels: 7 }, 'labels', /The labels are an object/],
    [{ ...small, events: 'alerts' }, 'events', /starts with \//],
    [{ ...small, repeatFailureDelaySeconds: 1e8 }, 'repeatFailureDelaySeconds', /at most 31 days/],
    [{ ...small, initialFailureDelaySeconds: -1 }, 'initialFailureDelaySeconds', /not negative/],
    [{ ...small, entty: '/host' }, 'entty', /no such field: check the spelling/],
    [{ ...small, state: { from: [] } }, 'state.from', /Say where/],
    [{ ...small, state: { from: 7 } }, 'state.from.0', /A field is text/],
    [{ entity: '/host', check: '/check' }, 'state', /The state is an object/],
    [{ check: '/check', state: { from: '/s' } }, 'entity', /A field is text/],
    ['[]', 'body', /A mapping is an object/],
    ['{"entity"', 'body', /cannot be read as JSON/],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'body', /nests more than 100 levels/],
    [`{"__proto__":{"events":"/x"},${JSON.stringify(small).slice(1)}`, '__proto__', /no such field/],
  ])('the problem of case %# is named', (mapping, field, expected) => {
    const read = readMapping(typeof mapping === 'string' ? mapping : JSON.stringify(mapping))
    expect(read).toMatchObject({ problems: [{ field, problem: expect.stringMatching(expected) }] })
  })
})
