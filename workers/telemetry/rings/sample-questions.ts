import type { Question } from '#engine/telemetry/telemetry.ts'

/** Picks a few of many questions, of one length of window at a time, so that each has its turn. */
export interface Sampler<Asked> {
  next(questions: readonly Asked[]): readonly Asked[]
  /** They took the store too long: shorter windows are picked for a while, where there are any. */
  wasTooMuch(some: readonly Asked[]): void
  /** They did not: the store may have got over what ailed it, and longer windows are tried again by and by. */
  wasFine(): void
}

/** A window that took too long is tried again after four that did not. */
const growth = 1.25

export function openSampler<Asked extends Question>(size: number): Sampler<Asked> {
  let turn = 0
  let longestSeconds = Infinity
  return {
    next: (questions) => {
      const lengths = [...new Set(questions.map(({ windowSeconds }) => windowSeconds))].sort(
        (one, other) => one - other,
      )
      const cheap = lengths.filter((seconds) => seconds <= longestSeconds)
      const picked = cheap.length > 0 ? cheap : lengths.slice(0, 1)
      const length = picked[turn % picked.length]
      const those = questions.filter(({ windowSeconds }) => windowSeconds === length)
      const first = (Math.floor(turn / picked.length) * size) % those.length
      turn += 1
      return [...those.slice(first), ...those.slice(0, first)].slice(0, size)
    },
    wasTooMuch: ([first]) => {
      longestSeconds = Math.min(longestSeconds, (first?.windowSeconds ?? 0) / 2)
    },
    wasFine: () => {
      longestSeconds *= growth
    },
  }
}
