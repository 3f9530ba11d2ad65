/**
 * Somewhere people get more incidents than they can be told one by one. What waits becomes one message there, a digest, until
 * no more comes than can be said.
 */
export interface Storm {
  readonly beganAt: Date
  /** Since when what comes is told one by one again; null = it cannot be. */
  readonly calmSince: Date | null
}

interface Sky {
  /** Incidents of which something is to be said now that a digest could say. */
  readonly waiting: number
  /** Between two messages. */
  readonly everyMs: number
  readonly now: Date
}

/** Whoever waits for longer is better served with all of it at once. */
const longestWaitMs = 15_000
/** So many come between two edits of the digest where one by one would do. */
const sayable = 2
/** A storm comes in gusts: for so long a small one is enough. */
const calmMs = 30_000

/** How it goes on; undefined = there is none, or it is over. */
export function stormAfter<S extends Storm>(
  storm: S | undefined,
  { waiting, everyMs, now }: Sky,
): S | Storm | undefined {
  if (!storm) return waiting * everyMs > longestWaitMs ? { beganAt: now, calmSince: null } : undefined
  const { calmSince } = storm
  if (waiting > sayable) return calmSince === null ? storm : { ...storm, calmSince: null }
  if (calmSince === null) return { ...storm, calmSince: now }
  return now.getTime() - calmSince.getTime() >= calmMs ? undefined : storm
}

/** Then what has no message of its own is told in the digest. */
export function isRaging(storm: Storm): boolean {
  return storm.calmSince === null
}

/** Counting further says nothing more about the weather. */
export function mostCounted(everyMs: number): number {
  return Math.floor(longestWaitMs / everyMs) + 1
}
