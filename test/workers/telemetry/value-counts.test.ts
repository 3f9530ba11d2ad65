import { expect, test } from 'vitest'
import { dice } from '#test/harness/dice.ts'
import { RankTracker } from '#workers/telemetry/rings/rank-tracker.ts'
import { ValueCounts } from '#workers/telemetry/rings/value-counts.ts'

/** Few enough to meet again, wherever in their range they lie. */
function values(roll: (below: number) => number): number {
  return [roll(90), 1000 + roll(300), 2 ** 32 - 1 - roll(40), roll(2 ** 31)][roll(4)] ?? 0
}

test.each([1, 2, 3])('values are counted as in a plain map, whatever comes and goes (%i)', (seed) => {
  const roll = dice(seed)
  const counts = new ValueCounts()
  const plain = new Map<number, number>()
  const change = (value: number, times: number) => {
    counts.add(value, times)
    plain.set(value, (plain.get(value) ?? 0) + times)
    if (plain.get(value) === 0) plain.delete(value)
  }
  for (let turn = 0; turn < 20_000; turn++) {
    const isShrinking = Math.floor(turn / 4000) % 2 === 1
    const there = [...plain.keys()]
    if (isShrinking && there.length > 0) change(there[roll(there.length)] ?? 0, -1)
    else change(values(roll), 1)
    if (turn % 97 > 0) continue
    const [least, greatest] = [roll(2000), 2 ** (10 + roll(22))]
    const inside = [...plain.keys()].filter((value) => value >= least && value <= greatest)
    expect(counts.descending(least, greatest)).toEqual(inside.sort((one, other) => other - one))
    for (const value of [...there, values(roll)]) expect(counts.of(value)).toBe(plain.get(value) ?? 0)
  }
})

test('more may leave than is there, as long as as many come after that', () => {
  const counts = new ValueCounts()
  for (const times of [-1, -1, 1, 1, 1]) counts.add(7, times)
  expect(counts.of(7)).toBe(1)
  expect(counts.descending(0, 100)).toEqual([7])
})

test.each([1, 2, 3])('every rank of what is there is found (%i)', (seed) => {
  const roll = dice(seed)
  const tracker = new RankTracker(0)
  const all: number[] = []
  for (let turn = 0; turn < 60; turn++) {
    const more = Uint32Array.from({ length: roll(40) }, () => values(roll))
    tracker.add(more, 0, more.length, 1)
    all.push(...more)
    const gone = Uint32Array.from(all.splice(0, roll(Math.max(1, all.length))))
    tracker.add(gone, 0, gone.length, -1)
    const ordered = all.toSorted((one, other) => other - one)
    expect(ordered.map((_, rank) => tracker.fromTop(rank))).toEqual(ordered)
  }
  expect(() => tracker.fromTop(all.length)).toThrow(/no value has the rank/)
})
