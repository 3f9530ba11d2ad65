/** Whole seconds since 1970: what Flapjack's semantics count in. A delay of 30 passes at exactly 30. */
export type EpochSeconds = number

export function epochSeconds(at: Date): EpochSeconds {
  return Math.floor(at.getTime() / 1000)
}
