import { property, assert as check, array, boolean, double, option } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Picture } from '#engine/message/message.ts'
import { sparkline } from '#engine/message/sparkline.ts'

const picture = (parts: Partial<Picture>): Picture => ({
  from: '2026-11-21T03:00:00Z',
  stepSeconds: 60,
  values: [],
  threshold: 0.05,
  unit: 'ratio',
  breachesAbove: true,
  marks: [],
  ...parts,
})

describe('a picture in one line of text', () => {
  test('rises with the values and says now, lowest, highest and threshold in words', () => {
    expect(sparkline(picture({ values: [0, 0.01, 0.02, 0.07, 0.05] }))).toBe(
      '▁▂▃█▆ now 5 %, lowest 0 %, highest 7 %, threshold 5 %',
    )
  })

  test('shows a hole where nothing was measured, and takes "now" from the last thing that was', () => {
    expect(sparkline(picture({ values: [0, null, 0.07, null] }))).toBe(
      '▁·█· now 7 %, lowest 0 %, highest 7 %, threshold 5 %',
    )
  })

  test('is a calm middle line when nothing moves', () => {
    expect(sparkline(picture({ values: [3, 3, 3], unit: 'none', threshold: 5 }))).toMatch(/^▄▄▄ now 3,/)
  })

  test.each([{ values: [] }, { values: [null, null] }, { values: [Number.NaN, Number.POSITIVE_INFINITY] }])(
    'says so when there is nothing to draw: %j',
    (parts) => expect(sparkline(picture(parts))).toBe('no data, threshold 5 %'),
  )

  test('keeps a one-minute spike of a long day', () => {
    const values = Array.from({ length: 1440 }, (_, minute) => (minute === 700 ? 0.9 : 0.01))
    const [line = ''] = sparkline(picture({ values })).split(' ')
    expect(line).toMatch(/^▁+█▁+$/)
    expect(line.length).toBeLessThanOrEqual(32)
  })

  test('keeps a one-minute dip when low is what is bad', () => {
    const values = Array.from({ length: 1440 }, (_, minute) => (minute === 700 ? 0 : 100))
    const dip = picture({ values, breachesAbove: false, unit: 'perSecond', threshold: 10 })
    expect(sparkline(dip).split(' ')[0]).toMatch(/^█+▁█+$/)
  })

  test('is one short line of plain text whatever was measured', () => {
    check(
      property(
        array(option(double(), { nil: null }), { maxLength: 500 }),
        boolean(),
        (values, breachesAbove) => {
          const line = sparkline(picture({ values, breachesAbove, unit: 'none' }))
          expect(line).toMatch(/^(?:[▁▂▃▄▅▆▇█·]{1,32} now .+|no data), threshold \S+$/)
          expect(line).not.toMatch(/undefined|NaN|[\n<>&]/)
        },
      ),
    )
  })
})
