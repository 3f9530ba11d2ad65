import { expect, test } from 'vitest'
import type { RuleWords } from '#engine/directory/rule-keywords.ts'
import { readRuleWords } from '#engine/directory/rule-words.ts'
import { printHours } from '#engine/route/hours-words.ts'
import { compileTimeRestriction } from '#engine/route/time-restrictions.ts'
import { openZone } from '#engine/route/wall-clock.ts'

function read(words: RuleWords) {
  const reading = readRuleWords(words)
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems))
  return reading.value
}

test('a rule is read as it is said', () => {
  const rule = read({
    for: 'DB-1, /^web-\\d{1,2}$/ "with space"',
    tags: 'shop /^eu, west/',
    critical: 'Email, sms',
    warning: 'email',
    unknown: 'nothing',
  })
  expect(rule).toEqual({
    entities: ['db-1', 'with space'],
    regexEntities: ['^web-\\d{1,2}$'],
    tags: ['shop'],
    regexTags: ['^eu, west'],
    timeRestrictions: [],
    media: { critical: ['email', 'sms'], warning: ['email'], unknown: [], info: [] },
    blackholes: { critical: false, warning: false, unknown: true, info: false },
  })
})

test.each<[RuleWords, string, string]>([
  [{ for: '/(/' }, 'for', 'The pattern "(" cannot be used'],
  [{ for: 'db-1:disk' }, 'for', 'must be a name without colons'],
  [{ tags: '/[/' }, 'tags', 'The pattern "[" cannot be used'],
  [{ critical: 'email, pigeon' }, 'critical', 'must be one of email, sms'],
  [{ info: 'email nothing' }, 'info', 'must be one of email, sms'],
  [{ hours: 'at night' }, 'hours', 'are no hours I know: try mon-fri 8-18'],
  [{ hours: 'mon-fri 8-25' }, 'hours', 'are no hours I know'],
  [{ hours: 'mon-fry 8-18' }, 'hours', 'are no hours I know'],
  [{ hours: '8:61-18' }, 'hours', 'are no hours I know'],
  [{ hours: '8-18; ever' }, 'hours', '"ever"'],
])('%j is refused for its %s', (words, field, problem) => {
  expect(readRuleWords(words)).toEqual({
    kind: 'refused',
    problems: [{ field, problem: expect.stringContaining(problem) }],
  })
})

test.each([
  ['mon-fri 8-18', ['mon-fri 08:00-18:00']],
  ['Monday - Friday 8:30 to 18', ['mon-fri 08:30-18:00']],
  ['weekdays 8-18; sat 10:00-14:00', ['mon-fri 08:00-18:00', 'sat 10:00-14:00']],
  ['weekends 0-24', ['sat,sun 00:00-24:00']],
  ['22-6', ['daily 22:00-06:00']],
  ['fri-mon 9-17 and tue 9-12', ['mon,fri,sat,sun 09:00-17:00', 'tue 09:00-12:00']],
  ['', []],
])('the hours “%s” are %j', (hours, printed) => {
  expect(read({ hours }).timeRestrictions.map(printHours)).toEqual(printed)
})

test.each([
  ['mon-fri 8-18', '2026-11-20T07:00:00Z', true],
  ['mon-fri 8-18', '2026-11-20T06:59:59Z', false],
  ['mon-fri 8-18', '2026-11-20T17:00:00Z', false],
  ['mon-fri 8-18', '2026-11-21T09:00:00Z', false],
  ['fri 22-6', '2026-11-21T04:59:59Z', true],
  ['fri 22-6', '2026-11-21T05:00:00Z', false],
  ['sun 0-24', '2026-11-22T22:59:59Z', true],
  ['sun 0-24', '2026-11-22T23:00:00Z', false],
])('“%s” at %s in Berlin is open: %s', (hours, at, isOpen) => {
  const [restriction] = read({ hours }).timeRestrictions
  const zone = openZone('Europe/Berlin')
  if (!restriction || !zone) throw new Error('nothing to ask')
  expect(compileTimeRestriction(restriction, zone)(Date.parse(at) / 1000)).toBe(isOpen)
})
