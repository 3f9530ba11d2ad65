import { performance } from 'node:perf_hooks'

/** Of a processor. */
const mostShare = 0.01

/**
 * For counting all there ever was, which takes the longer the more there is: what was found stands for a hundred times as long as it
 * took, so that whoever asks every few seconds costs a hundredth of a processor at most.
 */
export function unhurried<Found>(find: () => Promise<Found>): () => Promise<Found> {
  let finding: Promise<Found> | undefined
  let standsUntil = 0
  const findAnew = async () => {
    const began = performance.now()
    standsUntil = Infinity
    try {
      const found = await find()
      const now = performance.now()
      standsUntil = now + (now - began) / mostShare
      return found
    } catch (error) {
      standsUntil = 0
      throw error
    }
  }
  return () => {
    if (!finding || performance.now() >= standsUntil) finding = findAnew()
    return finding
  }
}
