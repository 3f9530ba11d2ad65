import { describe, expect, test } from 'vitest'
import { conditionDefinitions } from '#engine/rule/conditions/registry.ts'
import { nothingFails } from '#engine/rule/condition.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { indexFilters } from '#engine/telemetry/exchanges.ts'
import { readRuleForm } from '#engine/view/rule-form.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import { settled } from '#test/harness/engine-things.ts'

const count = {
  kind: 'EXCHANGE_MATCH',
  scope: { appSlug: 'payment-service', routeId: 'processPayment' },
  filter: { status: 'FAILED', attributes: { 'payment.type': 'card' } },
  fireMode: 'COUNT_IN_WINDOW',
  threshold: 3,
  windowSeconds: 600,
}
const every = {
  kind: 'EXCHANGE_MATCH',
  scope: { appSlug: 'orders-service' },
  filter: { status: 'FAILED' },
  fireMode: 'PER_EXCHANGE',
}

function parse(condition: object, parts: object = {}) {
  return parseRuleDraft({
    name: 'Any order failure',
    severity: 'CRITICAL',
    conditionKind: 'EXCHANGE_MATCH',
    condition,
    ...parts,
  })
}

function problemsOf(condition: object, parts: object = {}): Record<string, string> {
  const parsed = parse(condition, parts)
  return 'problems' in parsed
    ? Object.fromEntries(parsed.problems.map(({ field, problem }) => [field, problem]))
    : {}
}

function accepted(condition: object) {
  const parsed = parse(condition)
  if ('problems' in parsed || parsed.draft.condition.kind !== 'EXCHANGE_MATCH')
    throw new Error(`it was refused: ${JSON.stringify(parsed)}`)
  return parsed.draft.condition
}

describe('the rules of the guide are taken as they stand', () => {
  test('too many within a window, told again after an hour', () => {
    expect(parse(count)).toMatchObject({ draft: { condition: count, reNotifyMinutes: 60 } })
  })

  test('every single one, told once', () => {
    expect(parse(every)).toMatchObject({
      draft: {
        condition: { ...every, filter: { status: 'FAILED', attributes: {} } },
        reNotifyMinutes: 0,
        forDurationSeconds: 0,
      },
    })
  })

  test('where nothing is to be said, 0 says nothing', () => {
    const parsed = parse({ ...every, threshold: 0, windowSeconds: 0 })
    expect(parsed).toEqual(parse(every))
  })
})

describe('what does not go together is refused by field, with the remedy', () => {
  test.each([
    ['threshold', { threshold: 3 }],
    ['windowSeconds', { windowSeconds: 600 }],
  ])('PER_EXCHANGE with %s', (field, parts) => {
    expect(problemsOf({ ...every, ...parts })).toEqual({
      [`condition.${field}`]: `PER_EXCHANGE fires for every exchange: leave ${field} out, or 0.`,
    })
  })

  test('PER_EXCHANGE that is told again, must last, or fires where nothing could be read', () => {
    expect(problemsOf(every, { reNotifyMinutes: 60, forDurationSeconds: 30, errorPolicy: 'FIRE' })).toEqual({
      errorPolicy: 'PER_EXCHANGE fires for exchanges alone: errorPolicy must be KEEP_LAST or RESOLVE.',
      reNotifyMinutes: 'PER_EXCHANGE tells of each exchange once: reNotifyMinutes must be 0 or left out.',
      forDurationSeconds:
        'PER_EXCHANGE fires for each exchange at once: forDurationSeconds must be 0 or left out.',
    })
  })

  test.each([
    ['none', undefined],
    ['null', null],
    ['the word of an older guide', 'AGGREGATE'],
  ])('a fireMode that is %s', (_, fireMode) => {
    expect(problemsOf({ ...every, fireMode })).toEqual({
      'condition.fireMode': 'fireMode must be one of COUNT_IN_WINDOW, PER_EXCHANGE.',
    })
  })

  test.each([
    ['no threshold', { threshold: undefined }, 'condition.threshold', /needs a threshold/],
    ['a threshold of 0', { threshold: 0 }, 'condition.threshold', /must be 1 or more/],
    ['half an exchange', { threshold: 2.5 }, 'condition.threshold', /whole number/],
    ['no window', { windowSeconds: undefined }, 'condition.windowSeconds', /whole number of seconds/],
    ['a window of 0', { windowSeconds: 0 }, 'condition.windowSeconds', /shorter than 10 s/],
    ['a window of two days', { windowSeconds: 172_800 }, 'condition.windowSeconds', /longer than 24 h/],
    ['an unknown status', { filter: { status: 'BROKEN' } }, 'condition.filter.status', /must be one of/],
    ['no filter', { filter: undefined }, 'condition.filter', /must be an object/],
    [
      'an attribute of nothing',
      { filter: { attributes: { a: '' } } },
      'condition.filter.attributes.a',
      /empty/,
    ],
    ['a misspelt field', { treshold: 3 }, 'condition', /Unknown field treshold/],
  ])('COUNT_IN_WINDOW with %s', (_, parts, field, problem) => {
    expect(problemsOf({ ...count, ...parts })).toEqual({ [field]: expect.stringMatching(problem) })
  })

  test('PER_EXCHANGE of everything there is', () => {
    expect(problemsOf({ ...every, filter: {} })).toEqual({
      'condition.filter': expect.stringContaining('every exchange would be an alert of its own'),
    })
  })
})

describe('a count fires above its threshold, and a count of nothing is 0', () => {
  const judge = (found: number) =>
    conditionDefinitions.EXCHANGE_MATCH.judge(
      accepted(count),
      { about: 'exchanges', ...settled({ count: found }) },
      nothingFails,
    )[0]

  test.each([
    [0, 'clear'],
    [3, 'clear'],
    [4, 'breach'],
  ])('%d of more than 3: %s', (found, verdict) => {
    expect(judge(found)).toMatchObject({ verdict, value: found, threshold: 3 })
  })

  test('it fires before the window is complete, and recovers only when it is', () => {
    const { judge: decide } = conditionDefinitions.EXCHANGE_MATCH
    const answer = (early: number, late?: number) => ({
      about: 'exchanges' as const,
      early: { count: early },
      settled: late === undefined ? undefined : { count: late },
    })
    expect(decide(accepted(count), answer(4), nothingFails)).toMatchObject([{ verdict: 'breach' }])
    expect(decide(accepted(count), answer(2), nothingFails)).toEqual([])
    expect(decide(accepted(count), answer(2, 2), nothingFails)).toMatchObject([{ verdict: 'clear' }])
  })
})

test('it is told in words', () => {
  expect(describeCondition(accepted(count))).toBe(
    'FAILED exchanges with payment.type=card over 10 min above 3 on payment-service/processPayment',
  )
  expect(describeCondition(accepted(every))).toBe('Every FAILED exchange one by one on orders-service')
})

describe('the form', () => {
  const values = { name: 'x', kind: 'EXCHANGE_MATCH', severity: 'WARNING', app: 'orders', threshold: '3' }

  test('asks for a number, and for attributes as pairs', () => {
    expect(
      readRuleForm({ ...values, attributes: 'payment.type = card, country=DE', window: '10m' }),
    ).toMatchObject({
      draft: {
        condition: {
          fireMode: 'COUNT_IN_WINDOW',
          filter: { status: 'FAILED', attributes: { 'payment.type': 'card', country: 'DE' } },
          threshold: 3,
          windowSeconds: 600,
        },
      },
    })
  })

  test('or for the word every', () => {
    expect(readRuleForm({ ...values, threshold: 'every', status: 'FAILED' })).toMatchObject({
      draft: { condition: { fireMode: 'PER_EXCHANGE' }, reNotifyMinutes: 0 },
    })
  })

  test('says at its own fields what is wrong', () => {
    expect(readRuleForm({ ...values, threshold: 'every', status: 'ANY', attributes: '', for: '5m' })).toEqual(
      {
        problems: expect.arrayContaining([
          { field: 'attributes', problem: expect.stringContaining('every exchange') },
        ]),
      },
    )
    expect(readRuleForm({ ...values, threshold: 'every', for: '5m' })).toEqual({
      problems: [{ field: 'for', problem: 'Every single one fires at once: leave this at 0.' }],
    })
    expect(readRuleForm({ ...values, window: '10m', attributes: 'card' })).toEqual({
      problems: [{ field: 'attributes', problem: 'attributes must be an object of texts.' }],
    })
  })
})

describe('of many filters the ones an exchange meets', () => {
  const exchange = {
    environment: 'prod',
    app: 'orders',
    route: 'place',
    agent: 'orders-1',
    status: 'FAILED',
    attributes: { type: 'card' },
  }
  test.each([
    ['everything that ended', {}, true],
    ['its app', { app: 'orders' }, true],
    ['its route', { app: 'orders', route: 'place' }, true],
    ['another route', { app: 'orders', route: 'cancel' }, false],
    ['its agent', { app: 'orders', agent: 'orders-1' }, true],
    ['another agent', { app: 'orders', agent: 'orders-2' }, false],
    ['its status', { status: 'FAILED' as const }, true],
    ['another status', { status: 'COMPLETED' as const }, false],
    ['its attribute', { attributes: { type: 'card' } }, true],
    ['an attribute it lacks', { attributes: { country: 'DE' } }, false],
    ['another environment', { environment: 'test' }, false],
  ])('%s', (_, parts, isMet) => {
    const filter = { environment: 'prod', attributes: {}, ...parts }
    expect(indexFilters([filter])(exchange)).toEqual(isMet ? [filter] : [])
  })

  test('one that still runs is met only by who asks for what runs', () => {
    const open = { environment: 'prod', attributes: {} }
    const running = { ...open, status: 'RUNNING' as const }
    expect(indexFilters([open, running])({ ...exchange, status: 'RUNNING' })).toEqual([running])
  })
})
