import { describe, expect, test } from 'vitest'
import { compilePattern } from '#engine/route/pattern.ts'

function isIn(source: string, text: string): boolean | string {
  const pattern = compilePattern(source)
  return pattern.kind === 'pattern' ? pattern.isIn(text) : pattern.because
}

describe('patterns mean what they mean in Ruby', () => {
  test.each([
    ['web', 'my-web-1', true],
    ['Web', 'web', false],
    ['^web$', 'a\nweb\nb', true],
    ['a.b', 'a\nb', false],
    ['(?m)a.b', 'a\nb', true],
    ['(?-mix:a.b)', 'a\nb', false],
    ['(?m-ix:a.b)c', 'a\nbc', true],
    ['(?i:WEB)-1', 'web-1', true],
    [String.raw`\(?m\)`, '(m)', true],
    ['[(?m)]x', 'mx', true],
    ['(?<name>a)b', 'ab', true],
    ['[[:digit:]]+', 'web-1', true],
    ['', 'anything', true],
  ])('%s in %j: %s', (source, text, expected) => {
    expect(isIn(source, text)).toBe(expected)
  })
})

describe('what is read differently from Ruby', () => {
  test.each([
    ['a{,2}b', 'a{,2}b', true],
    ['^[a&&b]$', '&', true],
    [String.raw`caf\b`, 'café', true],
    ['[[:alpha:]]', 'é', false],
    [String.raw`a\sb`, 'a\vb', false],
  ])('%s in %j: %s', (source, text, expected) => {
    expect(isIn(source, text)).toBe(expected)
  })
})

describe('what the engine cannot do is refused, not guessed', () => {
  test.each([
    ['(?=a)'],
    ['(?<!a)b'],
    [String.raw`(a)\1`],
    ['(?>a)'],
    ['a*+'],
    [String.raw`\h`],
    [String.raw`a\Z`],
    ['(?x) a'],
    ['('],
    ['['],
    ['(('.repeat(400)],
    ['x'.repeat(1001)],
    ['((a{500}){500}){500}'],
  ])('%s', (source) => {
    expect(compilePattern(source)).toMatchObject({ kind: 'broken', because: expect.stringMatching(/\w/) })
  })
})

test('a pattern that stalls others takes no longer here', () => {
  expect(isIn('^(a+)+$', `${'a'.repeat(5000)}b`)).toBe(false)
})
