import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Matcher } from '#engine/matcher.ts'
import { parseMatcher, parseMatchers, printMatcher, printMatchers } from '#engine/matcher-text.ts'

function read(text: string): string {
  const parsed = parseMatcher(text)
  return 'matcher' in parsed
    ? [parsed.matcher.name, parsed.matcher.operator, parsed.matcher.value].join(' ')
    : parsed.problem
}

describe('one matcher, read as Alertmanager 0.25 reads it', () => {
  test.each([
    ['team="a b"', 'team = a b'],
    ['team=a b', 'team = a b'],
    [' team = "a b" ', 'team = a b'],
    ['team=', 'team = '],
    ['team=""', 'team = '],
    ['team!=a', 'team != a'],
    ['team=~"a.*"', 'team =~ a.*'],
    ['team!~a.*', 'team !~ a.*'],
    ['a:b=c', 'a:b = c'],
    ['a==b', 'a = =b'],
    ['a=!b', 'a = !b'],
    ['a=~=b', 'a =~ =b'],
    ['v="a,b"', 'v = a,b'],
    ['q="say \\"hi\\""', 'q = say "hi"'],
    ['q=say \\"hi', 'q = say "hi'],
    ['q="one\\ntwo"', 'q = one\ntwo'],
    ['q=one\ntwo', 'q = one\ntwo'],
    ['q=~"\\d+"', 'q =~ \\d+'],
    ['q="a\\\\b"', 'q = a\\b'],
    ['q=\\', 'q = \\'],
    ["q='x y'", "q = 'x y'"],
    ['q=`x y`', 'q = `x y`'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected)
  })
})

describe('one matcher, as newer releases read it where older ones cannot', () => {
  test.each([
    ['"my label"="x"', 'my label = x'],
    ['Σ=x', 'Σ = x'],
    ['a-b=c', 'a-b = c'],
    ['a.b!~"c|d"', 'a.b !~ c|d'],
    ['"a b"="\\u03a3 \\U0001F642 \\x41\\t"', 'a b = Σ 🙂 A\t'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected)
  })
})

describe('a complaint begins as Alertmanager does, then says where and what to do', () => {
  test.each([
    [
      'nonsense',
      'bad matcher format: nonsense (at character 9, found the end: an operator is due here: =, !=, =~ or !~)',
    ],
    ['=x', /^bad matcher format: =x \(at character 1, .*a label name is due here/],
    ['', /^bad matcher format: {2}\(at character 1/],
    ['team! =x', /^bad matcher format: .*at character 5/],
    ['team~x', /^bad matcher format: .*an operator is due here/],
    ['{team="a"}', /^bad matcher format: .*at character 1/],
    ['team="a', /^matcher value contains unescaped double quote: "a .*opened at character 6 is never closed/],
    ['team=a"', /^matcher value contains unescaped double quote: a".*one matcher ends here/],
    ['team="a",b=c', /^matcher value contains unescaped double quote: "a",b=c/],
    ['team="\\', /^matcher value contains unescaped double quote/],
    ['"a b"="\\d"', /write a plain backslash as/],
    ['"a b"="\\ud800"', /not an escape inside quotes/],
    ['"a b"="x\ny"', /a line break inside quotes/],
    ['"a b"=', /a value is due here/],
    ['team=~(', 'error parsing regexp: missing closing ): `(`'],
    ['team!~"(a)\\\\1"', /error parsing regexp/],
    ['team=~(?=a)', /error parsing regexp/],
    ['team=a\0', /holds a NUL/],
    ['team=\ud800', /half a character/],
    [`team=${'x'.repeat(20_001)}`, /more than 20000 characters/],
  ])('%s', (text, expected) => {
    const problem = read(text)
    if (typeof expected === 'string') expect(problem).toBe(expected)
    else expect(problem).toMatch(expected)
  })
})

describe('lists', () => {
  test.each([
    ['', 0],
    ['{}', 0],
    ['{a="b"}', 1],
    ['a="b",c=~"d"', 2],
    ['{a="b",c=~"d|e",}', 2],
    ['a="x,y",b=c', 2],
    ['a=b\\,c=d', 2],
    ['{"a b"=c, d!="}"}', 2],
    ['{"a b"=c,}', 1],
  ])('%s holds %i', (text, count) => {
    const parsed = parseMatchers(text)
    expect('matchers' in parsed ? parsed.matchers : parsed.problem).toHaveLength(count)
  })

  test.each([
    [',a=b', /bad matcher format/],
    ['{"a b"=c', /a comma or } is due here/],
    ['"a b"=c d=e', /a comma is due here/],
    ['{"a b"=c} d', /nothing may follow the list/],
    ['a=b,c=~(', /missing closing/],
  ])('%s is refused', (text, expected) => {
    const parsed = parseMatchers(text)
    expect('problem' in parsed ? parsed.problem : '').toMatch(expected)
  })
})

describe('what is printed reads back as the same', () => {
  const operator = fc.constantFrom('=', '!=')
  const storable = fc
    .string({ unit: 'grapheme' })
    .filter((text) => !text.includes('\0') && text.isWellFormed())
  const classic = fc.record<Matcher>({
    name: fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/),
    operator,
    value: storable,
  })
  const newer = fc.record<Matcher>({
    name: storable.filter((name) => name !== ''),
    operator,
    value: storable,
  })

  test('classic names with any values, alone and in lists', () => {
    fc.assert(
      fc.property(fc.array(classic, { minLength: 1 }), (matchers) => {
        expect(parseMatchers(printMatchers(matchers))).toEqual({ matchers })
        for (const matcher of matchers) expect(parseMatcher(printMatcher(matcher))).toEqual({ matcher })
      }),
    )
  })

  test('names of any script', () => {
    fc.assert(
      fc.property(newer, (matcher) => {
        expect(parseMatcher(printMatcher(matcher))).toEqual({ matcher })
      }),
    )
  })

  test('no text whatsoever makes the reader throw', () => {
    const marks = fc.string({
      unit: fc.constantFrom('a', '=', '!', '~', '"', '\\', ',', '{', '}', ' ', '(', '\n'),
    })
    fc.assert(
      fc.property(fc.oneof(marks, fc.string({ unit: 'binary' })), (text) => {
        expect(parseMatcher(text)).toBeTypeOf('object')
        expect(parseMatchers(text)).toBeTypeOf('object')
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    'a="'.padEnd(20_000, '\\'),
    'a='.padEnd(20_000, ' '),
    '{'.repeat(20_000),
    'a=~'.padEnd(20_000, '(a*)*'),
  ])('a hostile text of 20,000 characters is answered', (text) => {
    expect(parseMatchers(text)).toBeTypeOf('object')
  })
})
