import { lateShare, routeCount } from './rows.ts'

export const bucketMs = 5000
/** Rows are taken in every ten seconds, as one insert, which has the number of its tick. */
export const tickBuckets = 2
const latestBuckets = 24
const durations = Uint32Array.from({ length: 1000 }, (_, step) => Math.floor(20 + 2 ** (step / 110)))

type Visit = (leaf: number, durationMs: number) => void

/** Of ticks after one up to another. */
export interface Ticks {
  readonly after: number
  readonly upTo: number
}

/**
 * Rows of any second of any day, always the same ones and none of them kept: like those that are inserted elsewhere, one in two hundred
 * up to two minutes late. A leaf is a route of an app.
 */
export function madeUpRows(apps: number, perSecond: number) {
  const late = Math.round((perSecond * bucketMs * tickBuckets) / 1000 / lateShare / latestBuckets)
  const inTime = Math.round((perSecond * bucketMs) / 1000 - (late * latestBuckets) / tickBuckets)

  function some(count: number, seed: number, visit: Visit): void {
    const next = random(seed)
    for (let row = 0; row < count; row++) {
      const app = Math.floor(((next() % apps) * (next() % apps)) / apps)
      const route = Math.floor(((next() % routeCount) * (1 + (next() % routeCount))) / routeCount)
      visit(app * routeCount + route, durations[next() % durations.length] ?? 0)
    }
  }

  /** Those that happened in a bucket and were taken in by these ticks. */
  return (bucket: number, { after, upTo }: Ticks, visit: Visit): void => {
    const own = Math.ceil(bucket / tickBuckets)
    const last = Math.min(upTo, Math.ceil((bucket + latestBuckets) / tickBuckets) - 1)
    for (let tick = Math.max(after + 1, own); tick <= last; tick++) {
      if (tick === own) some(inTime, 2 * bucket, visit)
      some(late, 2 * (bucket * 64 + (tick % 64)) + 1, visit)
    }
  }
}

/** Xorshift: fast, and the same for the same seed. */
function random(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e37_79b1) ^ 0x5bd1_e995) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 3
  }
}
