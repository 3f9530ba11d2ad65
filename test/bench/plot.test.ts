import { expect, test } from 'vitest'
import { drawPlot } from '../../bench/plot.ts'

const plot = {
  title: 'Cost & <growth>',
  x: 'rules',
  y: 'ms',
  note: 'here and now',
  series: [
    {
      name: 'grows',
      points: [
        [100, 1],
        [1000, 10],
        [100_000, 1000],
      ],
    },
    {
      name: 'stays',
      points: [
        [100, 3],
        [1000, 3],
        [100_000, 3],
      ],
    },
  ],
} as const

function pointsOf(drawing: string): (readonly [number, number])[] {
  return [...drawing.matchAll(/<circle cx="(\d+)" cy="(\d+)"/g)].map(([, x, y]) => [Number(x), Number(y)])
}

test('cost that grows in step is a straight line upwards, cost that stays a level one', () => {
  const [first, second, third, ...level] = pointsOf(drawPlot(plot))
  if (!first || !second || !third) throw new Error('no points')
  const slope = (from: readonly [number, number], to: readonly [number, number]) =>
    (to[1] - from[1]) / (to[0] - from[0])
  expect(slope(first, second)).toBeCloseTo(slope(second, third), 1)
  expect(second[1]).toBeLessThan(first[1])
  expect(new Set(level.map(([, y]) => y)).size).toBe(1)
})

test('names are text', () => {
  expect(drawPlot(plot)).toContain('Cost &amp; &lt;growth>')
})
