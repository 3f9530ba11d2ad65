import { describe, expect, test } from 'vitest'
import {
  expireSilence,
  extendSilence,
  silenceState,
  type SilenceWish,
} from '#engine/suppress/silence-schedule.ts'
import { at, changed, make, place, team, zone } from '#test/harness/silence-things.ts'

describe('a new silence (abuse case 15)', () => {
  test('runs from its start until just before its end', () => {
    const silence = make({ startsAt: at(60) })
    const states = [0, 59.999, 60, 599.999, 600].map((seconds) => silenceState(silence, at(seconds)))
    expect(states).toEqual(['pending', 'pending', 'active', 'active', 'expired'])
  })

  test('that should have begun already begins now', () => {
    expect(make({ startsAt: at(-100) })).toMatchObject({ startsAt: at(0), endsAt: at(600), updatedAt: at(0) })
  })

  test.each<[string, Partial<SilenceWish>, string | RegExp]>([
    [
      'end before start',
      { startsAt: at(900) },
      'Failed to create silence: start time must be before end time',
    ],
    [
      'no length',
      { startsAt: at(50), endsAt: at(50) },
      'Failed to create silence: start time must be before end time',
    ],
    [
      'over already',
      { startsAt: at(-100), endsAt: at(-10) },
      "Failed to create silence: end time can't be in the past",
    ],
    ['no matcher', { matchers: [] }, 'silence invalid: at least one matcher must not match the empty string'],
    [
      'matches nothing in particular',
      { matchers: [{ ...team, value: '' }] },
      'silence invalid: at least one matcher must not match the empty string',
    ],
    [
      'a pattern that matches all',
      { matchers: [{ ...team, operator: '=~', value: '.*' }] },
      /at least one matcher/,
    ],
    [
      'bad name',
      { matchers: [{ ...team, name: 'a-b' }] },
      'silence invalid: invalid label matcher 0: invalid label name "a-b"',
    ],
    [
      'no name',
      { matchers: [team, { ...team, name: '' }] },
      'silence invalid: invalid label matcher 1: invalid label name ""',
    ],
    [
      'bad pattern',
      { matchers: [{ ...team, operator: '=~', value: '(' }] },
      'silence invalid: invalid label matcher 0: invalid regular expression "(": error parsing regexp: missing closing ): `(`',
    ],
    [
      'a look-ahead',
      { matchers: [{ ...team, operator: '!~', value: '(?=a)' }] },
      /invalid or unsupported Perl syntax: `\(\?=`/,
    ],
    ['NUL in a value', { matchers: [{ ...team, value: 'a\0' }] }, /matcher 0: the value holds a NUL/],
    ['half a character in the reason', { reason: '\ud800' }, /half a character/],
    [
      'a bad recurrence',
      { recurrence: { cron: 'x', zone: 'UTC', durationSeconds: 60 } },
      /^silence invalid: A schedule has five fields/,
    ],
    ['an id that is not there', { id: 'gone' }, 'silence not found'],
  ])('%s is refused', (_, parts, because) => {
    const change = place(parts, undefined, at(0))
    expect(change.kind).toBe(parts.id === undefined ? 'refused' : 'unknown')
    expect(change).toHaveProperty(
      'because',
      typeof because === 'string' ? because : expect.stringMatching(because),
    )
  })

  test.each<[string, Partial<SilenceWish>]>([
    ['one matcher may be empty beside another', { matchers: [{ ...team, value: '' }, zone] }],
    [
      'a value it must not have counts, though an absent label has it not',
      { matchers: [{ ...team, operator: '!=', value: '' }] },
    ],
    [
      'a negation alone, though it matches an absent label',
      { matchers: [{ ...team, operator: '!=', value: 'b' }] },
    ],
    ['not a pattern that needs something', { matchers: [{ ...team, operator: '!~', value: '.*' }] }],
    ['no reason and no author', { reason: '', createdBy: { kind: 'source', name: '' } }],
  ])('%s', (_, parts) => {
    expect(place(parts, undefined, at(0)).kind).toBe('changed')
  })
})

describe('changing a silence keeps its id', () => {
  test.each<[string, number, Partial<SilenceWish>]>([
    ['active: a later end', 0, { endsAt: at(9000) }],
    ['active: an earlier end that is still to come', 0, { endsAt: at(60) }],
    ['active: a start within the same second', 0, { startsAt: at(0.9) }],
    ['active: another reason', 0, { reason: 'other' }],
    ['pending: a later start', 300, { startsAt: at(400) }],
    ['pending: an earlier start that is still to come', 300, { startsAt: at(100) }],
  ])('%s', (_, start, parts) => {
    const known = make({ startsAt: at(start) })
    const { silence, ended } = changed(place({ startsAt: at(start), ...parts, id: known.id }, known, at(10)))
    expect(silence.id).toBe(known.id)
    expect(silence).toMatchObject(parts)
    expect(silence.updatedAt).toEqual(at(10))
    expect(ended).toBeUndefined()
  })
})

describe('changing more than that ends it and makes a new one', () => {
  test.each<[string, number, Partial<SilenceWish>, Date]>([
    ['active: another start', 0, { startsAt: at(-5) }, at(10)],
    ['active: a start to come', 0, { startsAt: at(100) }, at(100)],
    ['other matchers', 0, { matchers: [{ ...team, value: 'b' }] }, at(10)],
    ['the same matchers in another order', 0, { matchers: [zone, team] }, at(10)],
    ['pending: a start in the past', 300, { startsAt: at(9) }, at(10)],
    [
      'pending: another time of day',
      300,
      { startsAt: at(300), recurrence: { cron: '0 2 * * *', zone: 'UTC', durationSeconds: 60 } },
      at(300),
    ],
  ])('%s', (_, start, parts, begins) => {
    const known = make({ startsAt: at(start), matchers: [team, zone] })
    const { silence, ended } = changed(
      place({ matchers: [team, zone], ...parts, id: known.id }, known, at(10)),
    )
    expect(silence.id).not.toBe(known.id)
    expect(silence.startsAt).toEqual(begins)
    expect(ended).toMatchObject({
      id: known.id,
      endsAt: at(10),
      updatedAt: at(10),
      startsAt: at(Math.min(start, 10)),
    })
    expect(ended && silenceState(ended, at(10))).toBe('expired')
  })

  test('one that is over stays as it was', () => {
    const known = make({ endsAt: at(5) })
    const { silence, ended } = changed(place({ id: known.id }, known, at(10)))
    expect(silence.id).not.toBe(known.id)
    expect(ended).toBeUndefined()
  })

  test('nothing ends for a wish that is refused', () => {
    const known = make()
    const change = place({ id: known.id, matchers: [{ ...team, operator: '=~', value: '(' }] }, known, at(10))
    expect(change.kind).toBe('refused')
  })

  test('ending it by an end in the past is refused: that is what expiring is for', () => {
    const known = make()
    expect(place({ id: known.id, endsAt: at(-1) }, known, at(10)).kind).toBe('refused')
    expect(place({ id: known.id, endsAt: at(5) }, known, at(10))).toHaveProperty(
      'because',
      "Failed to create silence: end time can't be in the past",
    )
  })
})

describe('ending and extending', () => {
  test('an active silence ends now, a pending one never was', () => {
    expect(changed(expireSilence(make(), at(10))).silence).toMatchObject({
      startsAt: at(0),
      endsAt: at(10),
      updatedAt: at(10),
    })
    expect(changed(expireSilence(make({ startsAt: at(60) }), at(10))).silence).toMatchObject({
      startsAt: at(10),
      endsAt: at(10),
    })
  })

  test('what is over is not ended again, nor extended', () => {
    expect(expireSilence(make(), at(600))).toEqual({
      kind: 'refused',
      because: 'This silence has already ended.',
    })
    expect(extendSilence(make(), at(9000), at(600)).kind).toBe('refused')
  })

  test('extending moves the end, and only onwards', () => {
    expect(changed(extendSilence(make(), at(900), at(10))).silence).toMatchObject({
      endsAt: at(900),
      updatedAt: at(10),
    })
    expect(extendSilence(make(), at(600), at(10)).kind).toBe('refused')
  })
})

describe('a recurring silence', () => {
  const recurring = make({
    startsAt: at(0),
    endsAt: at(3 * 86_400),
    recurrence: { cron: '30 10 * * *', zone: 'UTC', durationSeconds: 3600 },
  })

  test('is active in its spans, pending between them, and over once none is left', () => {
    const hours = [0, 0.5, 1.4, 1.5, 24.6, 71.9, 72]
    expect(hours.map((hour) => silenceState(recurring, at(hour * 3600)))).toEqual([
      'pending',
      'active',
      'active',
      'pending',
      'active',
      'expired',
      'expired',
    ])
  })

  test('a span that is running when the whole ends is cut short', () => {
    const short = { ...recurring, endsAt: at(3000) }
    expect(silenceState(short, at(2999))).toBe('active')
    expect(silenceState(short, at(3000))).toBe('expired')
  })

  test('is ended for good', () => {
    expect(silenceState(changed(expireSilence(recurring, at(2000))).silence, at(2000))).toBe('expired')
  })
})
