import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import { labelValue, type Labels } from '#engine/labels.ts'
import { matchesAll, type Matcher } from '#engine/matcher.ts'
import { type InhibitionRule, inhibitions, inhibits } from '#engine/suppress/inhibition.ts'

const is = (name: string, value: string): Matcher => ({ name, operator: '=', value })
const criticalOverWarning: InhibitionRule = {
  source: [is('severity', 'critical')],
  target: [is('severity', 'warning')],
  equal: ['alertname', 'cluster'],
}
const source = { alertname: 'Down', cluster: 'eu', severity: 'critical' }

describe('a firing source', () => {
  test.each<[string, Labels, boolean]>([
    ['inhibits a target that agrees', { ...source, severity: 'warning' }, true],
    ['whatever else that has', { ...source, severity: 'warning', job: 'x' }, true],
    ['not one that disagrees', { ...source, severity: 'warning', cluster: 'us' }, false],
    ['not one that lacks what it has', { alertname: 'Down', severity: 'warning' }, false],
    ['not what is no target', { ...source, severity: 'info' }, false],
    ['not itself', source, false],
  ])('%s', (_, target, expected) => {
    expect(inhibits(criticalOverWarning, source, target)).toBe(expected)
  })

  test('labels that both lack agree, and the empty label is a label that is not there', () => {
    const bare = { alertname: 'Down', severity: 'critical' }
    expect(inhibits(criticalOverWarning, bare, { alertname: 'Down', severity: 'warning' })).toBe(true)
    expect(inhibits(criticalOverWarning, bare, { alertname: 'Down', severity: 'warning', cluster: '' })).toBe(
      true,
    )
  })

  test('without labels to agree on, one source inhibits every target', () => {
    expect(inhibits({ ...criticalOverWarning, equal: [] }, source, { severity: 'warning' })).toBe(true)
  })
})

describe('what matches both sides', () => {
  const rule: InhibitionRule = { source: [is('team', 'a')], target: [is('team', 'a')], equal: [] }

  test('is not inhibited by its own kind, nor by itself', () => {
    expect(inhibits(rule, { team: 'a', n: '1' }, { team: 'a', n: '2' })).toBe(false)
    expect(inhibits(rule, { team: 'a' }, { team: 'a' })).toBe(false)
  })

  test('is inhibited by what is a source only', () => {
    const wide: InhibitionRule = { source: [is('team', 'a')], target: [is('n', '2')], equal: [] }
    expect(inhibits(wide, { team: 'a', n: '1' }, { team: 'a', n: '2' })).toBe(true)
    expect(inhibits(wide, { team: 'a', n: '2' }, { team: 'a', n: '2', x: 'y' })).toBe(false)
  })

  test('still inhibits what is a target only', () => {
    const wide: InhibitionRule = { source: [is('team', 'a')], target: [is('n', '2')], equal: [] }
    expect(inhibits(wide, { team: 'a', n: '2' }, { n: '2' })).toBe(true)
  })

  test('a rule that says nothing does no harm', () => {
    expect(inhibits({ source: [], target: [], equal: [] }, source, { severity: 'warning' })).toBe(false)
  })
})

const value = fc.constantFrom('1', '2')
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 })
const matcher = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  operator: fc.constantFrom('=', '!='),
  value,
})
const rule = fc.record({
  source: fc.array(matcher, { maxLength: 2 }),
  target: fc.array(matcher, { maxLength: 2 }),
  equal: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
})

/** The rule as the reference says it: first rule that applies, any of its sources. */
function slowInhibitor(
  rules: readonly InhibitionRule[],
  firing: readonly Labels[],
  target: Labels,
): string | undefined {
  for (const { source, target: wanted, equal } of rules) {
    if (!matchesAll(wanted, target)) continue
    const found = firing
      .filter(
        (one) =>
          matchesAll(source, one) &&
          equal.every((name) => labelValue(one, name) === labelValue(target, name)),
      )
      .filter((one) => !(matchesAll(source, target) && matchesAll(wanted, one)))
      .map(fingerprint)
      .sort()
    if (found[0] !== undefined) return found[0]
  }
  return undefined
}

test('prepared inhibitions say what comparing all with all says', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 4 }),
      fc.array(labels, { maxLength: 8 }),
      fc.array(labels),
      (rules, firing, targets) => {
        const prepared = inhibitions(
          rules,
          firing.map((one) => ({ fingerprint: fingerprint(one), labels: one })),
        )
        for (const target of targets)
          expect(prepared.inhibitorOf(target)).toBe(slowInhibitor(rules, firing, target))
      },
    ),
    { numRuns: 500 },
  )
})
