import { array, assert, double, option, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shapePicture } from '#bot/console/client/picture-shape.ts'
import type { Picture } from '#engine/message/message.ts'

const picture = (values: (number | null)[], parts: Partial<Picture> = {}): Picture => ({
  from: '2026-11-21T03:00:00.000Z',
  stepSeconds: 60,
  values,
  threshold: 5,
  unit: 'count',
  breachesAbove: true,
  marks: [],
  ...parts,
})

describe('the shape of a picture', () => {
  test('starts at zero and leaves a little room above the highest', () => {
    const shape = shapePicture(picture([0, 10]))
    expect(shape).toMatchObject({ bottom: 0, top: { value: 10, y: 10.71 }, line: 'M0 100L100 10.71' })
    expect(shape).toMatchObject({ from: '2026-11-21T03:00:00.000Z', until: '2026-11-21T03:01:00.000Z' })
  })

  test('shows the threshold even when everything stays below it', () => {
    expect(shapePicture(picture([1, 2])).top.value).toBe(5)
  })

  test('shades the side that is a breach', () => {
    const above = shapePicture(picture([0, 10]))
    expect(above.breach).toEqual({ y: 0, height: above.thresholdY })
    const below = shapePicture(picture([0, 10], { breachesAbove: false }))
    expect(below.breach.y).toBe(below.thresholdY)
    expect(below.breach.y + below.breach.height).toBe(100)
  })

  test('draws nothing where nothing was measured, and a lone value as a dot', () => {
    const shape = shapePicture(picture([1, null, 2, null, 3, 3]))
    expect(shape.line.match(/M/g)).toHaveLength(3)
    expect(shape.line).toContain('h0')
    expect(shapePicture(picture([null, null])).line).toBe('')
  })

  test('marks what lies inside, on the line where there is one', () => {
    const marks = ['02:50', '03:01', '03:02', '03:20'].map((time) => `2026-11-21T${time}:00.000Z`)
    const shape = shapePicture(picture([0, 10, null], { marks }))
    expect(shape.marks).toEqual([
      { x: 50, y: 10.71, iso: marks[1] },
      { x: 100, y: undefined, iso: marks[2] },
    ])
  })

  test('is finite for every picture there can be', () => {
    const value = option(double({ noNaN: true, min: -1e12, max: 1e12 }))
    assert(
      property(
        array(value, { maxLength: 40 }),
        double({ noNaN: true, min: -1e9, max: 1e9 }),
        (values, threshold) => {
          const { line, area, thresholdY, breach, top } = shapePicture(picture(values, { threshold }))
          expect(`${line}${area}${thresholdY}${breach.y}${breach.height}${top.y}`).not.toMatch(/NaN|Infinity/)
          expect(thresholdY).toBeGreaterThanOrEqual(0)
          expect(thresholdY).toBeLessThanOrEqual(100)
        },
      ),
    )
  })
})
