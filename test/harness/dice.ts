/** The same dice for everyone, so that a failure can be repeated: a whole number from 0, below what is asked for. */
export function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

export type Roll = ReturnType<typeof dice>
