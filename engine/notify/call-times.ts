/** Upper bounds, in seconds, of how long a vendor may take; above the last there is only "longer". */
export const callBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** How long calls took, whatever was answered. */
export interface CallTimes {
  readonly calls: number
  readonly seconds: number
  /** For each bound, how many of them took at most so long. */
  readonly callsWithin: readonly number[]
}

export const noCalls: CallTimes = { calls: 0, seconds: 0, callsWithin: callBounds.map(() => 0) }

export function withCall({ calls, seconds, callsWithin }: CallTimes, took: number): CallTimes {
  return {
    calls: calls + 1,
    seconds: seconds + took,
    callsWithin: callBounds.map((bound, index) => (callsWithin[index] ?? 0) + (took <= bound ? 1 : 0)),
  }
}
