/** Answers a number in [0, 1). */
export type Die = () => number

/**
 * Luck that belongs to a subject: the same seed and the same parts always give the same throws, however the time around
 * them is cut into observations, and a fault that needs one more throw shifts nobody else's luck.
 */
export type Seed = number

export function seedOf(seed: Seed, ...parts: readonly (string | number)[]): Seed {
  return parts.reduce<Seed>(absorb, seed)
}

export function dieOf(seed: Seed, ...parts: readonly (string | number)[]): Die {
  return mulberry32(seedOf(seed, ...parts))
}

function absorb(hash: number, part: string | number): number {
  if (typeof part === 'number') return scramble(hash ^ part)
  let mixed = hash
  for (let index = 0; index < part.length; index += 1)
    mixed = Math.imul(mixed ^ part.charCodeAt(index), 0x01000193)
  return scramble(mixed)
}

/** The finalizer of MurmurHash3: neighbouring seconds must not throw alike. */
function scramble(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function mulberry32(seed: number): Die {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** At least one of something, so that picking always finds one. */
export type Some<T> = readonly [T, ...T[]]

export function pick<T>(die: Die, items: Some<T>): T {
  return items[Math.floor(die() * items.length)] ?? items[0]
}

export function between(die: Die, low: number, high: number): number {
  return low + die() * (high - low)
}

/** How many independent arrivals fall into one unit of time when `mean` are expected. For small means. */
export function arrivals(die: Die, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = die(); product > limit; product *= die()) count += 1
  return count
}

/** No latency is longer than this many times its 99th percentile. */
export const latencyTail = 2

/** Log-normal between its median and its 99th percentile, with the endless tail cut off. */
export function latency(die: Die, { medianMs, p99Ms }: { medianMs: number; p99Ms: number }): number {
  const normal = Math.sqrt(-2 * Math.log(1 - die())) * Math.cos(2 * Math.PI * die())
  const spread = Math.log(p99Ms / medianMs) / 2.326
  return Math.max(1, Math.round(Math.min(medianMs * Math.exp(spread * normal), latencyTail * p99Ms)))
}

export function hex(die: Die, digits: 3 | 4 | 8): string {
  const room = 16 ** digits
  return (room + Math.floor(die() * room)).toString(16).slice(1)
}

/** Version 7: led by its instant, for seeds of 32 bits alone would meet again within the hour. */
export function uuidAt(instant: number, die: Die): string {
  const time = instant.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(die, 3)}-a${hex(die, 3)}-${hex(die, 4)}${hex(die, 8)}`
}
