import { describe, expect, test } from 'vitest'
import { readNewRule, readRule } from '#engine/route/read-rule.ts'

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
    ['a rule', 'must be an object'],
  ])('%j', (value, problem) => {
    const reading = readRule(value)
    const problems = reading.kind === 'refused' ? reading.problems : []
    expect(problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ')).toContain(problem)
  })

  test('broken patterns are read where they are kept, and refused in a new rule', () => {
    const rule = { regex_entities: ['(', '^web'], regex_tags: ['(?=x)'] }
    expect(readRule(rule).kind).toBe('rule')
    expect(readNewRule(rule)).toMatchObject({
      problems: [
        { field: 'regex_entities', problem: expect.stringContaining('The pattern "(" cannot be used') },
        { field: 'regex_tags', problem: expect.stringContaining('The pattern "(?=x)" cannot be used') },
      ],
    })
  })

  test('a medium that nobody knows is refused in a new rule', () => {
    expect(readNewRule({ warning_media: ['email', 'pigeon'] })).toMatchObject({
      problems: [{ field: 'warning_media', problem: expect.stringContaining('must be one of email, sms') }],
    })
  })
})
