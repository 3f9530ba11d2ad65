import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serviceEvent } from '#engine/event.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import { type AlertArrival, readPostedAlerts } from '#engine/intake/alertmanager.ts'
import { alertEvent } from '#engine/intake/alertmanager-event.ts'

const now = new Date('2026-01-31T10:00:00.000Z')
const arrival: AlertArrival = { now, resolveTimeoutSeconds: 120, names: 'classic' }
const seconds = (count: number) => new Date(now.getTime() + count * 1000)
const iso = (count: number) => seconds(count).toISOString()

const take = (body: unknown, over: Partial<AlertArrival> = {}) =>
  readPostedAlerts(typeof body === 'string' ? body : JSON.stringify(body), { ...arrival, ...over })

function one(body: object) {
  const { accepted, refusal } = take([{ labels: { alertname: 'x' }, ...body }])
  expect(refusal).toBeUndefined()
  const [alert] = accepted
  if (!alert) throw new Error('no alert was accepted')
  return alert
}

describe('times', () => {
  test.each([
    ['neither is given', {}, 0, 120],
    ['both are null', { startsAt: null, endsAt: null }, 0, 120],
    ["both are Go's zero", { startsAt: '0001-01-01T00:00:00.000Z', endsAt: '0001-01-01T00:00:00Z' }, 0, 120],
    ['zero is written in another zone', { startsAt: '0001-01-01T01:00:00+01:00' }, 0, 120],
    ['only a start', { startsAt: iso(-60) }, -60, 120],
    ['only an end: a span of no length', { endsAt: iso(60) }, 60, 60],
    ['both', { startsAt: iso(-60), endsAt: iso(60) }, -60, 60],
    ['both the same', { startsAt: iso(50), endsAt: iso(50) }, 50, 50],
    ['a zone', { startsAt: '2026-01-31T12:00:00+02:00' }, 0, 120],
    ['nanoseconds', { startsAt: '2026-01-31T10:00:00.123456789Z' }, 0.123, 120],
    ['no zone is UTC', { startsAt: '2026-01-31T10:00:00' }, 0, 120],
    ['no seconds', { startsAt: '2026-01-31T10:00Z' }, 0, 120],
    ['a space', { startsAt: '2026-01-31 10:00:00' }, 0, 120],
  ])('%s', (_, body, start, end) => {
    expect(one(body)).toMatchObject({ startsAt: seconds(start), endsAt: seconds(end), updatedAt: now })
  })

  test('an empty text is 1970, as it is in Alertmanager', () => {
    expect(one({ startsAt: '' }).startsAt).toEqual(new Date(0))
  })

  test('an end that nobody named is marked as a timeout', () => {
    expect(one({}).endsByTimeout).toBe(true)
    expect(one({ endsAt: iso(60) }).endsByTimeout).toBe(false)
  })

  test.each([
    'yesterday',
    '2026-01-31',
    '2026-01-31t10:00:00z',
    '2026-02-30T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T10:00:60Z',
    '2026-01-31T10:00:00+0200',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+05:00',
    '9'.repeat(400),
  ])('%s is refused with everything beside it', (startsAt) => {
    const { accepted, refusal } = take([{ labels: { a: 'good' } }, { labels: { a: 'b' }, startsAt }])
    expect(accepted).toEqual([])
    expect(refusal).toMatchObject({ status: 400, body: { code: 400 } })
    expect(JSON.stringify(refusal)).toContain('1.startsAt: ')
  })
})

describe('labels and annotations', () => {
  test('empty labels are not there, and the rest says who it is', () => {
    const alert = one({ labels: { alertname: 'mix', b: '', 'not-a-name': '', c: null } })
    expect(alert.labels).toEqual({ alertname: 'mix' })
    expect(alert.fingerprint).toBe(fingerprint({ alertname: 'mix' }))
  })

  test('empty annotations are kept, missing ones are none', () => {
    expect(one({ annotations: { a: '', b: '1' } }).annotations).toEqual({ a: '', b: '1' })
    expect(one({ annotations: null }).annotations).toEqual({})
    expect(one({}).annotations).toEqual({})
  })

  test('values may be any text', () => {
    expect(one({ labels: { a: 'b', b: 'Σ', c: '🙂', d: 'eΘ' } }).labels).toEqual({
      a: 'b',
      b: 'Σ',
      c: '🙂',
      d: 'eΘ',
    })
  })

  test.each([
    [{ labels: {} }, 'at least one label pair required'],
    [{ labels: { a: '' } }, 'at least one label pair required'],
    [{ labels: { a: 'b' }, startsAt: iso(100), endsAt: iso(50) }, 'start time must be before end time'],
    [{ labels: { 'a-b': 'x' } }, 'invalid label set: invalid name "a-b"'],
    [{ labels: { '1a': 'x' } }, 'invalid label set: invalid name "1a"'],
    [{ labels: { Σ: 'x' } }, 'invalid label set: invalid name "Σ"'],
    [{ labels: { '': 'x' } }, 'invalid label set: invalid name ""'],
    [{ labels: { a: 'x\0y' } }, /^invalid label set: the value of "a" holds a NUL/],
    ['{"labels":{"a":"\\ud800"}}', /^invalid label set: the value of "a" holds .*half a character/],
    [{ labels: { a: 'b' }, annotations: { 'a-b': 'x' } }, 'invalid annotations: invalid name "a-b"'],
    [{ labels: { a: 'b' }, annotations: { c: '\0' } }, /^invalid annotations: /],
  ])('%j is refused alone; its neighbours are taken', (bad, because) => {
    const text = typeof bad === 'string' ? bad : JSON.stringify(bad)
    const { accepted, refusal } = take(
      `[{"labels":{"alertname":"good"}},${text},{"labels":{"alertname":"also"}}]`,
    )
    expect(accepted.map(({ labels }) => labels['alertname'])).toEqual(['good', 'also'])
    expect(refusal?.status).toBe(400)
    expect(refusal?.body).toEqual(typeof because === 'string' ? because : expect.stringMatching(because))
  })

  test('names of any script are taken where newer rules are in force', () => {
    const { accepted, refusal } = take([{ labels: { 'mein Name': 'x' } }], { names: 'utf8' })
    expect(refusal).toBeUndefined()
    expect(accepted).toHaveLength(1)
  })

  test('all refusals of a batch are told in one text, and of very many the first', () => {
    const bad = [
      { labels: { a: 'b' } },
      { labels: {} },
      { labels: { a: 'b' }, startsAt: iso(9), endsAt: iso(1) },
      { labels: { 'a-b': 'c' } },
    ]
    expect(take(bad).refusal?.body).toBe(
      'at least one label pair required; start time must be before end time; invalid label set: invalid name "a-b"',
    )
    const many = take(Array.from({ length: 5000 }, () => ({ labels: {} }))).refusal
    expect(many?.body).toMatch(/; and 4980 more$/)
  })
})

describe('the schema: nothing of a body that does not fit it is taken', () => {
  test.each([
    ['', 602, 'alerts in body is required'],
    [[{ annotations: { a: 'b' } }], 602, '0.labels in body is required'],
    [[{ labels: null }], 602, '0.labels in body is required'],
    [[{ labels: { a: 'good' } }, {}], 602, '1.labels in body is required'],
    [
      [{ labels: { a: 'b' }, generatorURL: 'not a url' }],
      601,
      '0.generatorURL in body must be of type uri: "not a url"',
    ],
    [
      [{ labels: { a: 'b' }, generatorURL: 'http://h/%zz' }],
      601,
      '0.generatorURL in body must be of type uri: "http://h/%zz"',
    ],
    [[{}, { labels: { a: 'b' }, generatorURL: 'x' }], 602, '0.labels in body is required'],
    ['[{"labels":{"a":"b"},"__proto__":{"x":1}}]', 602, '0.__proto__ in body is a forbidden property'],
  ])('%j → 422', (body, code, message) => {
    expect(take(body)).toEqual({ accepted: [], posted: 1, refusal: { status: 422, body: { code, message } } })
  })

  test.each([
    ['{not json', /JSON/],
    ['[] x', /JSON/],
    [{ labels: { a: 'b' } }, /an object was found: send an array of alerts/],
    ['"x"', /a string was found/],
    ['7e400', /a number was found/],
    [[null], /alert 0 must be an object: null was found/],
    [[1], /alert 0 must be an object: a number was found/],
    [[[]], /alert 0 must be an object: an array was found/],
    [[{ labels: 'a' }], /0\.labels must be an object of texts: a string was found/],
    [[{ labels: { a: 1 } }], /0\.labels\["a"\] must be text: a number was found/],
    ['[{"labels":{"a":1e999}}]', /must be text: a number was found/],
    [
      [{ labels: { a: 'b' }, annotations: { c: {} } }],
      /0\.annotations\["c"\] must be text: an object was found/,
    ],
    [[{ labels: { a: 'b' }, startsAt: 5 }], /0\.startsAt must be text: a number was found/],
    [[{ labels: { a: 'b' }, generatorURL: 7 }], /0\.generatorURL must be text/],
    [[{}, { labels: { a: 1 } }], /1\.labels/],
    ['['.repeat(100_000), /JSON/],
    ['['.repeat(100_000) + ']'.repeat(100_000), /nests more than 100 levels deep/],
    [
      `[{"labels":{"a":"b"},"x":${'{"y":'.repeat(100_000)}1${'}'.repeat(100_000)}}]`,
      /nests more than 100 levels deep/,
    ],
  ])('%.40j → 400', (body, because) => {
    const { accepted, refusal } = take(body)
    expect(accepted).toEqual([])
    expect(refusal).toEqual({ status: 400, body: { code: 400, message: expect.stringMatching(because) } })
    expect(JSON.stringify(refusal).length).toBeLessThan(600)
  })

  test.each([['[]'], ['null']])('%s is nothing, and fine', (body) => {
    expect(take(body)).toEqual({ accepted: [], posted: 0 })
  })

  test.each(['', '/graph', 'http://', 'http:///x', 'http://h/a b', 'mailto:a@b'])(
    '%j is an address good enough to keep',
    (generatorURL) => {
      expect(one({ generatorURL }).generatorUrl).toBe(generatorURL)
    },
  )

  test("unknown fields are ignored: tomorrow's Prometheus must not be locked out", () => {
    expect(one({ foo: 1, bar: [{}] }).labels).toEqual({ alertname: 'x' })
  })

  test('no JSON whatsoever makes the reader throw', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 1, true, '', 'x', '2026-01-31T10:00:00Z'),
        fc.array(tie('any')),
        fc.dictionary(
          fc.constantFrom('labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL', 'a', '__proto__'),
          tie('any'),
        ),
      ),
    })).any
    fc.assert(
      fc.property(fc.array(value), (body) => {
        for (const { labels } of take(JSON.stringify(body)).accepted)
          expect(Object.keys(labels).length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('as an event of the house', () => {
  const situation = { environment: 'prod', now, repeatFailureDelaySeconds: 3600 }
  const event = (body: object, at = now) => alertEvent(one(body), { ...situation, now: at })

  test('every label set is a check of its own, whatever it is about', () => {
    const labels = {
      alertname: 'HighErrorRate',
      severity: 'critical',
      instance: 'orders-1:9100',
      job: 'orders',
    }
    expect(event({ labels, annotations: { summary: 'Orders fail', description: '5.2 % fail.' } })).toEqual(
      serviceEvent({
        judgedBy: 'arrival',
        environment: 'prod',
        entity: 'orders-1:9100',
        check: fingerprint(labels),
        state: 'critical',
        at: now,
        title: 'HighErrorRate',
        summary: 'Orders fail\n5.2 % fail.',
        labels,
        initialFailureDelaySeconds: 0,
        repeatFailureDelaySeconds: 3600,
      }),
    )
  })

  test.each([
    ['critical', 'critical'],
    ['PAGE', 'critical'],
    ['error', 'critical'],
    ['Warn', 'warning'],
    ['info', 'info'],
    ['none', 'info'],
    ['unknown', 'unknown'],
    ['purple', 'warning'],
    ['constructor', 'warning'],
    ['', 'warning'],
  ])('severity %j is %s', (severity, state) => {
    expect(event({ labels: { alertname: 'x', severity } }).state).toBe(state)
  })

  test('it is ok from its end on', () => {
    expect(event({ endsAt: iso(60) }, seconds(59)).state).toBe('warning')
    expect(event({ endsAt: iso(60) }, seconds(60)).state).toBe('ok')
    expect(event({ endsAt: iso(-5) }).state).toBe('ok')
  })

  test('a resolve dated before the last resend is still the newer word', () => {
    const resend = event({ endsAt: iso(240) })
    expect(event({ endsAt: iso(-5) }, seconds(1)).observedAt).toBeGreaterThan(resend.observedAt ?? Infinity)
  })

  test.each([
    [{ alertname: 'A', job: 'j', instance: 'i' }, 'i'],
    [{ alertname: 'A', pod: 'p', job: 'j' }, 'p'],
    [{ alertname: 'A' }, 'A'],
    [{ weird: 'x' }, 'alertmanager'],
  ])('%j is about %s', (labels, entity) => {
    expect(event({ labels }).entity).toBe(entity)
  })

  test('without a name its summary is its title, and without that its fingerprint', () => {
    expect(event({ labels: { a: 'b' }, annotations: { summary: 'It burns' } })).toMatchObject({
      title: 'It burns',
      summary: 'It burns',
    })
    expect(event({ labels: { a: 'b' } }).title).toBe(`Alert ${fingerprint({ a: 'b' })}`)
  })
})
