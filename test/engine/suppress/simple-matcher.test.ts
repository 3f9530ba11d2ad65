import { describe, expect, test } from 'vitest'
import { simpleMatchers, simpleMatcherSchema } from '#engine/suppress/simple-matcher.ts'

describe('the matcher of three names', () => {
  test('stands for labels', () => {
    expect(
      simpleMatchers(simpleMatcherSchema.parse({ severity: 'WARNING', appSlug: 'orders', ruleId: 'r1' })),
    ).toEqual([
      { name: 'ruleId', operator: '=', value: 'r1' },
      { name: 'tocsin_severity', operator: '=', value: 'WARNING' },
      { name: 'app', operator: '=', value: 'orders' },
    ])
  })

  test.each([
    [{}, /at least one of ruleId, severity and appSlug/],
    [{ appSlug: '' }, /appSlug is empty/],
    [{ severity: 'warning' }, /CRITICAL, WARNING or INFO/],
    [{ ruleId: 7 }, /ruleId must be text/],
    [{ app: 'orders' }, /app/],
  ])('%j is refused', (matcher, expected) => {
    const issues = simpleMatcherSchema.safeParse(matcher).error?.issues ?? []
    expect(issues.map(({ message }) => message).join(' ')).toMatch(expected)
  })
})
