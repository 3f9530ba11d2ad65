import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellKey, CellLine } from '#workers/telemetry/rings/cell-line.ts'

const slice = fc.integer({ min: 0, max: 5 })
const bucket = fc.integer({ min: 0, max: 20 })
const count = fc.integer({ min: 0, max: 3 })
const aCell = fc.record({ slice: slice.map((some) => some + 1), bucket, count })
const some = fc.uniqueArray(fc.record({ slice, bucket, count: count.map((few) => few + 1) }), {
  selector: cellKey,
})

test('buckets put whole and cells put late add up to what is there, in any order and again and again', () => {
  const step = fc.oneof(
    fc.record({ first: bucket, length: fc.integer({ min: 0, max: 6 }), some }),
    aCell.map((cell) => ({ cell })),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), bucket, bucket, (steps, from, to) => {
      const line = new CellLine()
      let plain = new Map<string, { bucket: number; count: number }>()
      for (const one of steps)
        if ('cell' in one) {
          line.putCell(one.cell)
          plain.set(cellKey(one.cell), one.cell)
        } else {
          const isPut = (cell: { bucket: number }) =>
            cell.bucket >= one.first && cell.bucket <= one.first + one.length
          line.putBuckets(one.first, one.first + one.length, one.some)
          const kept = [...plain].filter(([, known]) => !isPut(known))
          plain = new Map([...kept, ...one.some.filter(isPut).map((cell) => [cellKey(cell), cell] as const)])
        }
      const [after, last] = [Math.min(from, to), Math.max(from, to)]
      const inside = [...plain.values()].filter((cell) => cell.bucket > after && cell.bucket <= last)
      expect(line.between(after, last)).toBe(inside.reduce((sum, cell) => sum + cell.count, 0))
    }),
  )
})

test('what is settled stays counted, though nobody knows any more when it came', () => {
  const line = new CellLine()
  line.putBuckets(1, 2, [
    { slice: 3, bucket: 1, count: 2 },
    { slice: 9, bucket: 2, count: 4 },
  ])
  line.settleBefore(5)
  line.putCell({ slice: 9, bucket: 2, count: 5 })
  expect(line.between(0, 2)).toBe(7)
})
