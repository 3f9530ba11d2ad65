import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const windowMs = 60_000
const allowedGuesses = 10
const rememberedCallers = 1000
const pauseMs = 1000

/**
 * Knows who guesses, by the different wrong tokens of each address: a client that says the same old token for ever guesses
 * nothing, and whoever shares its address behind a proxy must not suffer for it.
 */
export interface Attempts {
  guesses(caller: string, now: Date): boolean
  failed(caller: string, given: string, now: Date): void
  /** What everybody waits for at an address where somebody guesses, with the right token too: else the wait would tell. */
  pause(): Promise<void>
}

export function countAttempts(pause: () => Promise<void> = () => sleep(pauseMs)): Attempts {
  const failures = new Map<string, { readonly wrong: Set<string>; readonly since: number }>()
  const current = (caller: string, now: Date) => {
    const known = failures.get(caller)
    return known && now.getTime() - known.since < windowMs ? known : undefined
  }
  return {
    guesses: (caller, now) => (current(caller, now)?.wrong.size ?? 0) >= allowedGuesses,
    failed: (caller, given, now) => {
      const { wrong, since } = current(caller, now) ?? { wrong: new Set(), since: now.getTime() }
      if (wrong.size < allowedGuesses) wrong.add(createHash('sha256').update(given).digest('base64'))
      failures.delete(caller)
      failures.set(caller, { wrong, since })
      const oldest = failures.keys().next().value
      if (failures.size > rememberedCallers && oldest !== undefined) failures.delete(oldest)
    },
    pause,
  }
}
