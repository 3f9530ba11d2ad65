import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matches, matchesAll, matchesEmpty, type Matcher, patternProblem } from '#engine/matcher.ts'
import { indexMatchers } from '#engine/matcher-index.ts'

describe('a matcher', () => {
  test.each<[Matcher['operator'], string, string | undefined, boolean]>([
    ['=', 'a', 'a', true],
    ['=', '', undefined, true],
    ['!=', 'a', undefined, true],
    ['=~', 'a.c', 'abc', true],
    ['=~', 'b', 'abc', false],
    ['=~', 'a|ab', 'ab', true],
    ['=~', 'ab?', 'a', true],
    ['=~', 'ab*', 'a', true],
    ['=~', 'ab{0,1}', 'a', true],
    ['=~', 'ab+', 'a', false],
    ['=~', '(?i)AB', 'ab', true],
    ['=~', '.*', undefined, true],
    ['=~', '.+', undefined, false],
    ['=~', 'x.y', 'x\ny', false],
    ['=~', '(?s)x.y', 'x\ny', true],
    ['=~', 'x\ny', 'x\ny', true],
    ['!~', 'a.*', 'abc', false],
    ['!~', 'a.*', undefined, true],
  ])('%s%j over %j: %s', (operator, value, label, expected) => {
    const labels = label === undefined ? {} : { team: label }
    expect(matches({ name: 'team', operator, value }, labels)).toBe(expected)
  })

  test('nothing an object inherits is a label', () => {
    expect(matches({ name: 'constructor', operator: '=', value: '' }, {})).toBe(true)
    expect(matches({ name: '__proto__', operator: '=', value: '' }, {})).toBe(true)
  })

  test('a pattern made to blow up a backtracking engine is answered', () => {
    expect(matches({ name: 'a', operator: '=~', value: '(a*)*b' }, { a: 'a'.repeat(50_000) })).toBe(false)
  })

  test('matches the empty string exactly when it matches a label that is not there', () => {
    fc.assert(
      fc.property(anyMatcher, (matcher) => {
        expect(matchesEmpty(matcher)).toBe(matches(matcher, {}))
        expect(matchesEmpty(matcher)).toBe(matches(matcher, { [matcher.name]: '' }))
      }),
    )
  })

  test.each(['(', '(a)\\1', '(?=a)', '[z-a]', 'a{2,1}', 'a**'])('%s is no pattern', (pattern) => {
    expect(patternProblem(pattern)).toMatch(/^error parsing regexp: /)
  })
})

const name = fc.constantFrom('a', 'b', 'c', '__proto__')
const word = fc.constantFrom('', 'x', 'y', 'xy', 'x|y', 'y z')
const pattern = fc.constantFrom(
  'x',
  'x|y',
  'x|y|x',
  'x.*',
  '.*',
  '.+',
  '',
  'x?',
  '(x|y)',
  'y z',
  '|x',
  '[xy]+',
  'xy*',
  'xy.*',
  'x+',
  'x{0}y',
  '(?i)XY',
  'x\\b.*',
)
const anyMatcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ name, operator: fc.constantFrom('=', '!='), value: word }),
  fc.record({ name, operator: fc.constantFrom('=~', '!~'), value: pattern }),
)
const anyLabels = fc.array(fc.tuple(name, word), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs))

describe('an index over matcher sets', () => {
  test('finds what a scan finds, in the same order', () => {
    const sets = fc.array(fc.record({ matchers: fc.array(anyMatcher, { maxLength: 4 }) }), { maxLength: 30 })
    fc.assert(
      fc.property(sets, fc.array(anyLabels), (items, asked) => {
        const index = indexMatchers(items)
        expect(index.size).toBe(items.length)
        for (const labels of asked) {
          expect(index.find(labels)).toEqual(items.filter(({ matchers }) => matchesAll(matchers, labels)))
        }
      }),
      { numRuns: 500 },
    )
  })

  const storm = { alertname: 'Storm', instance: 'host-7-b' }

  test.each<[string, (host: string) => Matcher]>([
    ['a value', (host) => ({ name: 'instance', operator: '=', value: `${host}-b` })],
    ['one of some values', (host) => ({ name: 'instance', operator: '=~', value: `${host}-a|${host}-b` })],
    ['the beginning of a pattern', (host) => ({ name: 'instance', operator: '=~', value: `${host}-[a-z]+` })],
  ])('insisting on %s, ten thousand sets are not looked through', (_, insist) => {
    let looks = 0
    const labels = {
      ...storm,
      get alertname() {
        looks += 1
        return storm.alertname
      },
    }
    const sets = Array.from({ length: 10_000 }, (_, number) => ({
      matchers: [{ name: 'alertname', operator: '=~', value: 'St.*' } as const, insist(`host-${number}`)],
    }))
    expect(indexMatchers(sets).find(labels)).toEqual([sets[7]])
    expect(looks).toBeLessThan(5)
  })

  test('ten thousand sets that insist on the same are all found', () => {
    const sets = Array.from({ length: 10_000 }, () => ({
      matchers: [{ name: 'alertname', operator: '=', value: 'Storm' } as const],
    }))
    expect(indexMatchers(sets).find(storm)).toHaveLength(10_000)
  })
})
