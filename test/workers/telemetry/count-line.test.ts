import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CountLine } from '#workers/telemetry/rings/count-line.ts'

const number = fc.integer({ min: 0, max: 300 })
const put = fc.record({
  first: number,
  length: fc.integer({ min: 0, max: 40 }),
  counts: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 41, maxLength: 41 }),
})

test('a line of counts tells what lies between any two buckets, whatever was put, again and in any order', () => {
  fc.assert(
    fc.property(fc.array(put, { maxLength: 30 }), number, number, number, (puts, forgotten, from, to) => {
      const line = new CountLine()
      const plain = new Map<number, number>()
      for (const { first, length, counts } of puts) {
        const own = new Map(counts.slice(0, length + 1).map((count, index) => [first + index, count]))
        line.put(first, first + length, own)
        for (const [bucket, count] of own) plain.set(bucket, count)
      }
      line.forgetThrough(forgotten)
      const [after, last] = [Math.max(forgotten, Math.min(from, to)), Math.max(forgotten, from, to)]
      const expected = [...plain].filter(([bucket]) => bucket > after && bucket <= last)
      expect(line.between(after, last)).toBe(expected.reduce((sum, [, count]) => sum + count, 0))
      expect(line.length).toBeLessThanOrEqual([...plain.values()].filter((count) => count > 0).length)
    }),
  )
})
