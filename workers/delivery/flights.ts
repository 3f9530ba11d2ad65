import type { Telling } from './tell.ts'

/** What is being told at one destination: of each subject one thing at a time, so that its story keeps its order. */
export interface Flights {
  readonly size: () => number
  /** The notifications under way. */
  readonly ids: () => string[]
  /** Whether it is being told; there is more to say then when that is done. */
  readonly isUnderway: (subject: string) => boolean
  readonly start: (telling: Telling) => void
  readonly done: () => Promise<void>
}

interface Flight {
  readonly ids: readonly string[]
  readonly told: Promise<void>
}

export function openFlights(
  tell: (telling: Telling) => Promise<void>,
  landed: (wanted: { again: boolean }) => void,
): Flights {
  const underway = new Map<string, Flight>()
  const again = new Set<string>()
  return {
    size: () => underway.size,
    ids: () => [...underway.values()].flatMap(({ ids }) => ids),
    isUnderway: (subject) => {
      const isIt = underway.has(subject)
      if (isIt) again.add(subject)
      return isIt
    },
    start: (telling) => {
      const { subject, unsaid } = telling
      const told = tell(telling).finally(() => {
        underway.delete(subject)
        landed({ again: again.delete(subject) })
      })
      underway.set(subject, { ids: unsaid.map(({ id }) => id), told })
    },
    done: async () => {
      await Promise.all([...underway.values()].map(({ told }) => told))
    },
  }
}
