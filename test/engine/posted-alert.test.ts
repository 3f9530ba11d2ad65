import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import { isResolved, mergePosted, type PostedAlert } from '#engine/posted-alert.ts'

const zero = Date.parse('2026-01-31T10:00:00Z')
const at = (seconds: number) => new Date(zero + seconds * 1000)
const labels = { alertname: 'test' }

interface Span {
  readonly start: number
  readonly end?: number
  readonly note?: string
}

function post({ start, end, note }: Span, posted: number): PostedAlert {
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: note === undefined ? {} : { ann: note },
    startsAt: at(start),
    endsAt: at(end ?? posted + 300),
    endsByTimeout: end === undefined,
    updatedAt: at(posted),
    generatorUrl: '',
  }
}

/** Posts in order, `[when, span]`; the last one may be at the instant of the question. */
function after(...posts: readonly (readonly [posted: number, span: Span])[]) {
  const known = posts.reduce<PostedAlert | undefined>(
    (alert, [posted, span]) => mergePosted(alert, post(span, posted), at(posted)),
    undefined,
  )
  if (!known) throw new Error('nothing was posted')
  return {
    start: (known.startsAt.getTime() - zero) / 1000,
    end: (known.endsAt.getTime() - zero) / 1000,
    note: known.annotations['ann'],
  }
}

describe('posting an alert again', () => {
  test('keeps the earliest start', () => {
    expect(after([1, { start: 1.1 }], [1.2, { start: 1 }])).toMatchObject({ start: 1 })
    expect(after([1, { start: 1 }], [2.1, { start: 2, note: 'v1' }])).toMatchObject({ start: 1, note: 'v1' })
  })

  test('takes the newest annotations', () => {
    expect(after([2, { start: 1, note: 'v1' }], [3, { start: 1.5, note: 'v2' }])).toMatchObject({
      note: 'v2',
    })
    expect(after([2, { start: 1, note: 'v1' }], [3, { start: 1.5 }])).toMatchObject({ note: undefined })
  })

  test('resolved twice, it ended at the later end', () => {
    const resolved = [4.6, { start: 3, end: 4.5 }] as const
    expect(after(resolved, [4.8, { start: 3.2, end: 4.8 }])).toMatchObject({ end: 4.8 })
    expect(after(resolved, [4.8, { start: 2.9, end: 4.1 }])).toMatchObject({ end: 4.5, start: 2.9 })
  })

  test('firing, the later explicit end wins, and an end by timeout never does', () => {
    expect(after([0, { start: 0, end: 100 }], [1, { start: 0.5, end: 60 }])).toMatchObject({ end: 100 })
    expect(after([0, { start: 0 }], [1, { start: 0.5, end: 60 }])).toMatchObject({ end: 60 })
    expect(after([0, { start: 0, end: 100 }], [1, { start: 0.5 }])).toMatchObject({ end: 301 })
  })

  test('resolving it now ends it, however long it was announced to last', () => {
    expect(after([0, { start: 0, end: 100 }], [5, { start: 0, end: 5 }])).toMatchObject({ end: 5 })
  })

  test('a life that begins after the last one ended is a new one', () => {
    expect(after([1, { start: 1, end: 4.8 }], [5.3, { start: 5 }])).toMatchObject({ start: 5 })
  })

  test('a span that covers the known one replaces it', () => {
    expect(after([0, { start: 0, end: 50 }], [1, { start: -100, end: 500 }])).toEqual({
      start: -100,
      end: 500,
      note: undefined,
    })
  })

  test('the story of the vectors, from the first post to the second life', () => {
    const story = [
      [1, { start: 1.1 }],
      [1.2, { start: 1 }],
      [2.1, { start: 2, note: 'v1' }],
      [3.6, { start: 1.5, note: 'v2' }],
      [4.6, { start: 3, end: 4.5, note: 'v2' }],
      [4.8, { start: 2.9, end: 4.8, note: 'v3' }],
      [4.8, { start: 2.9, end: 4.1, note: 'v3' }],
    ] as const
    expect(after(...story)).toEqual({ start: 1, end: 4.8, note: 'v3' })
    expect(after(...story, [5.3, { start: 5 }])).toMatchObject({ start: 5 })
  })

  test('posting the very same again changes nothing', () => {
    const span = fc.record({ start: fc.integer({ min: -9, max: 9 }), length: fc.integer({ min: 0, max: 9 }) })
    fc.assert(
      fc.property(span, fc.integer({ min: 0, max: 20 }), ({ start, length }, posted) => {
        const alert = post({ start, end: start + length }, posted)
        expect(mergePosted(mergePosted(undefined, alert, at(posted)), alert, at(posted))).toEqual(alert)
      }),
    )
  })
})

test('an alert is over at its end, not before', () => {
  expect(isResolved({ endsAt: at(1) }, at(0.999))).toBe(false)
  expect(isResolved({ endsAt: at(1) }, at(1))).toBe(true)
})
