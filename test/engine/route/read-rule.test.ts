import { describe, expect, test } from 'vitest'
import { patternProblems, readRule } from '#engine/route/read-rule.ts'

const empty = {
  entities: [],
  regexEntities: [],
  tags: [],
  regexTags: [],
  timeRestrictions: [],
  media: { info: [], unknown: [], warning: [], critical: [] },
  blackholes: { info: false, unknown: false, warning: false, critical: false },
}

test('an empty rule is a general rule without media', () => {
  expect(readRule({ tags: null, links: { contacts: ['ada'] } })).toEqual({ kind: 'rule', rule: empty })
})

test('a whole one', () => {
  const reading = readRule({
    entities: ['web-1', 'web-1'],
    regex_tags: ['^db'],
    time_restrictions: [{ start_time: '2014-01-13 08:00:00', end_time: '2014-01-13 18:00:00', rrules: [] }],
    info_media: ['email'],
    warning_blackhole: true,
  })
  expect(reading).toMatchObject({
    rule: {
      entities: ['web-1'],
      regexTags: ['^db'],
      timeRestrictions: [{ recurrences: [] }],
      media: { info: ['email'] },
      blackholes: { warning: true },
    },
  })
})

describe('what is wrong has a place and a remedy', () => {
  test.each<[unknown, string]>([
    [{ entities: 'web-1' }, 'entities: must be a list of strings'],
    [{ tags: ['a', 1] }, 'tags.1: must be a list of strings'],
    [{ tags: ['a\0'] }, 'tags.0: must not contain the character NUL'],
    [{ critical_blackhole: 'yes' }, 'critical_blackhole: must be true or false'],
    [
      { time_restrictions: [{ start_time: 'soon' }] },
      'time_restrictions.0: start_time: must be a time such as',
    ],
    ['a rule', 'expected object'],
  ])('%j', (value, problem) => {
    const reading = readRule(value)
    expect(reading.kind === 'refused' ? reading.problems.join('; ') : 'read').toContain(problem)
  })

  test('broken patterns are read, and named for whoever writes a new rule', () => {
    const reading = readRule({ regex_entities: ['(', '^web'], regex_tags: ['(?=x)'] })
    expect(reading.kind === 'rule' && patternProblems(reading.rule)).toEqual([
      expect.stringContaining('The pattern "(" cannot be used'),
      expect.stringContaining('The pattern "(?=x)" cannot be used'),
    ])
  })
})
