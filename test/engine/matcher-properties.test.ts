import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { matches } from '#engine/matcher.ts'

const name = fc.constantFrom('app', 'team', 'constructor', '__proto__', 'toString')
const value = fc.oneof(fc.constantFrom('', 'payments', 'pay.ments', 'a\nb'), fc.string())
const operator = fc.constantFrom('=', '!=', '=~', '!~')

test('a label that is absent is the empty one, whatever is asked of it', () => {
  fc.assert(
    fc.property(name, operator, fc.constantFrom('', '.*', '.+', 'payments'), (name, operator, value) => {
      const matcher = { name, operator, value } as const
      expect(matches(matcher, {})).toBe(matches(matcher, { [name]: '' }))
    }),
  )
})

test('equality is plain text, and each operator has its opposite', () => {
  fc.assert(
    fc.property(value, value, (given, wanted) => {
      const labels = { app: given }
      expect(matches({ name: 'app', operator: '=', value: wanted }, labels)).toBe(given === wanted)
      expect(matches({ name: 'app', operator: '!=', value: wanted }, labels)).toBe(given !== wanted)
    }),
  )
})

test('a pattern must match the whole value', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '.', '.*', 'a|b', '(a|b)', 'b+'), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join(''))
  const text = fc.array(fc.constantFrom('a', 'b', 'x'), { maxLength: 6 }).map((letters) => letters.join(''))
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      const expected = new RegExp(`^(?:${pattern})$`).test(text)
      expect(matches({ name: 'app', operator: '=~', value: pattern }, { app: text })).toBe(expected)
      expect(matches({ name: 'app', operator: '!~', value: pattern }, { app: text })).toBe(!expected)
    }),
    { numRuns: 500 },
  )
})
