import { expect, test } from 'vitest'
import { sharedSyntax } from '#workers/telemetry/log-patterns/shared-syntax.ts'

test.each([
  ['a text', 'TimeoutException', 'TimeoutException'],
  ['cases ignored', '(?i)time.out', '(?i)time.out'],
  ['the end of the text, before no line break', 'foo$', 'foo\\z'],
  ['ends of alternatives', '^foo|bar$', '^foo|bar\\z'],
  ['blanks, without the vertical tab', 'foo\\s', 'foo[\\x09-\\x0a\\x0c-\\x0d\\x20]'],
  ['what is not there, by what is', 'foo[^"]', 'foo[\\x00-\\x21\\x23-\\x7f\u0080-\u{10ffff}]'],
  ['the vertical tab alone', 'foo\\v', 'foo\\x0b'],
  ['a bracket that closes nothing', 'foo]}', 'foo\\]\\}'],
  ['groups', '(?:foo|bar)+x', '(?:foo|bar)+x'],
])('%s: both engines understand %s as %s', (_what, pattern, shared) => {
  expect(sharedSyntax(pattern)).toBe(shared)
})

test.each([
  ['lines of their own', '(?m)^foo$'],
  ['the end in a group', '(foo$|bar)'],
  ['Unicode classes', 'foo\\pL'],
  ['cases beyond ASCII', '(?i)fooé'],
  ['what a case folds to beyond ASCII, left out', '(?i)foo[^k]'],
  ['repeated characters beyond ASCII', 'foo日+'],
  ['and in groups', '(foo日)+'],
  ['a text that need not be there', '(?:foo)?bar?'],
  ['too little text to look for', 'a[0-9]+b'],
  ['too little of it in one alternative', 'foo|b'],
  ['flags of PCRE', '(?x)foo'],
  ['what is no pattern', '(foo'],
  ['neither', 'foo)'],
])('%s are left to match', (_what, pattern) => {
  expect(sharedSyntax(pattern)).toBeUndefined()
})
