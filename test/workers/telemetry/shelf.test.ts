import { describe, expect, test } from 'vitest'
import {
  type Bucket,
  forEachLeaf,
  forEachRun,
  makeBucket,
  withoutDurations,
} from '#workers/telemetry/rings/bucket.ts'
import { blockLength, type Counting, Shelf } from '#workers/telemetry/rings/shelf.ts'

type Totals = [leaf: number, count: number, failed: number, durationMs: number]

function totalsIn(buckets: Iterable<readonly [number, Bucket]>): Totals[] {
  const totals: Totals[] = []
  for (const [, bucket] of buckets)
    forEachLeaf(bucket, (leaf, count, failed, durationMs) => totals.push([leaf, count, failed, durationMs]))
  return totals
}

function durationsOf(bucket: Bucket | undefined, wanted: number): number[] {
  const durations: number[] = []
  if (bucket)
    forEachRun(bucket, (leaf, start, count) => {
      if (leaf === wanted) durations.push(...(bucket.durations ?? []).slice(start, start + count))
    })
  return durations.sort((one, other) => one - other)
}

function bucketOf(number: number, durations: readonly number[]): Bucket {
  const sum = durations.reduce((all, one) => all + one, 0)
  const leaf = { leaves: [number % 2], counts: [durations.length], failed: [number % 3], durationsMs: [sum] }
  const own = { starts: [0, durations.length], values: Uint32Array.from(durations) }
  return makeBucket({ ...leaf, durations: own }, [0], true)
}

function filled(
  recount: Counting['recount'] = () => undefined,
  doubt: Counting['doubt'] = () => undefined,
): Shelf {
  const shelf = new Shelf({ recount, doubt })
  for (let number = 0; number < 3 * blockLength; number++)
    shelf.put(new Map([[number, bucketOf(number, [number, 70_000])]]))
  return shelf
}

function blockOf(durations: readonly number[]): Map<number, Bucket> {
  return new Map(
    Array.from({ length: blockLength }, (_, number) => [number, bucketOf(number, durations)] as const),
  )
}

describe('buckets that lie together', () => {
  test('are one that says the same', () => {
    const shelf = filled()
    const apart = [...shelf.between(-1, blockLength - 1)]
    shelf.layTogether(5)
    const [block, ...others] = shelf.between(-1, blockLength - 1)
    expect(others).toEqual([])
    if (!block) throw new Error('no block')
    const sumOf = (leaf: number) =>
      totalsIn(apart)
        .filter(([one]) => one === leaf)
        .reduce(
          (all, one) => all.map((part, index) => (index === 0 ? leaf : part + (one[index] ?? 0))) as Totals,
        )
    expect(totalsIn([block])).toEqual([sumOf(0), sumOf(1)])
    expect(durationsOf(block[1], 1)).toEqual([
      1, 3, 5, 7, 9, 11, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000,
    ])
    expect(shelf.durations).toBe(2 * 3 * blockLength)
  })

  test('cannot be asked for one by one', () => {
    const shelf = filled()
    shelf.layTogether(blockLength)
    expect(() => [...shelf.between(blockLength, 2 * blockLength)]).toThrow(/lies in a block/)
    expect(() => [...shelf.between(0, blockLength + 3)]).toThrow(/lies in a block/)
    expect([...shelf.between(blockLength - 1, 2 * blockLength)]).toHaveLength(2)
  })

  test('go as one when one of them is put anew', () => {
    const changes: [number, number, number][] = []
    const shelf = filled((first, last, _bucket, times) => changes.push([first, last, times]))
    shelf.layTogether(0)
    changes.length = 0
    shelf.put(blockOf([1]))
    expect(changes[0]).toEqual([0, blockLength - 1, -1])
    expect(changes.slice(1)).toEqual(Array.from({ length: blockLength }, (_, number) => [number, number, 1]))
    expect(shelf.isInBlock(3)).toBe(false)
    expect(shelf.durations).toBe(blockLength + 2 * 2 * blockLength)
  })

  test('say which leaves are others, where nobody knows any more what was counted of their durations', () => {
    const doubted: [number, number, number[]][] = []
    const counted: (Bucket['durations'] | undefined)[] = []
    const shelf = filled(
      (_first, _last, bucket) => counted.push(bucket.durations),
      (first, last, leaves) => doubted.push([first, last, [...leaves]]),
    )
    const same = new Map(shelf.between(-1, blockLength - 1))
    shelf.layTogether(0)
    for (let number = 0; number < blockLength; number++) shelf.forgetDurations(number)
    expect(shelf.hasDurations(0)).toBe(true)
    counted.length = 0
    shelf.put(same)
    expect(shelf.hasDurations(0)).toBe(true)
    expect(counted).toEqual(Array.from({ length: 1 + blockLength }, () => undefined))
    expect(doubted).toEqual([])
    for (let number = 0; number < blockLength; number++) shelf.forgetDurations(number)
    expect(shelf.hasDurations(0)).toBe(false)
    shelf.put(new Map([[1, bucketOf(1, [1, 69_999])]]))
    expect(doubted).toEqual([[1, 1, [1]]])
    shelf.put(new Map([[1, withoutDurations(bucketOf(1, [1, 69_998]))]]))
    expect(doubted).toEqual([
      [1, 1, [1]],
      [1, 1, [1]],
    ])
  })

  test('are forgotten with the last of them', () => {
    const shelf = filled()
    shelf.layTogether(0)
    for (let number = 0; number < blockLength - 1; number++) {
      shelf.forgetDurations(number)
      shelf.forget(number)
    }
    expect(shelf.isInBlock(0)).toBe(true)
    shelf.forgetDurations(blockLength - 1)
    expect(shelf.durations).toBe(2 * 2 * blockLength)
    shelf.forget(blockLength - 1)
    expect([...shelf.between(-1, blockLength - 1)]).toEqual([])
  })
})

describe('what comes later to a bucket', () => {
  test('counts with what was there, whether it lies beside it, has become one with it, or came to a block', () => {
    const changes: number[] = []
    const shelf = filled((first, last, _bucket, times) => changes.push(first, last, times))
    changes.length = 0
    const later = bucketOf(2 * blockLength, [5, 80_000])
    const totals = () => {
      const sums = totalsIn(shelf.between(2 * blockLength - 1, 2 * blockLength))
      return sums.reduce(
        (all, one) => [one[0], all[1] + one[1], all[2] + one[2], all[3] + one[3]],
        [0, 0, 0, 0],
      )
    }
    for (let times = 0; times < 30; times++) shelf.add(2 * blockLength, later)
    expect(changes.slice(0, 3)).toEqual([2 * blockLength, 2 * blockLength, 1])
    const expected = [0, 62, totals()[2], 70_000 + 2 * blockLength + 30 * 80_005]
    expect(totals()).toEqual(expected)
    expect([...shelf.between(2 * blockLength - 1, 2 * blockLength)].length).toBeGreaterThan(1)
    shelf.settle(2 * blockLength)
    expect([...shelf.between(2 * blockLength - 1, 2 * blockLength)]).toHaveLength(1)
    expect(totals()).toEqual(expected)
    expect(shelf.durations).toBe(2 * 3 * blockLength + 60)
    shelf.layTogether(0)
    shelf.add(3, bucketOf(4, [9]))
    expect(changes.slice(-3)).toEqual([3, 3, 1])
    const counts = totalsIn(shelf.between(-1, blockLength - 1)).map(([, count]) => count)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2 * blockLength + 1)
  })
})
