import { performance } from 'node:perf_hooks'
import type { Telling } from './tell.ts'

/**
 * What is told at one destination: of each subject one thing at a time, so that its story keeps its order. What was opened
 * and finds no room yet waits here, but not for long: silences come and go.
 */
export interface Flights {
  /** Under way, and waiting for room. */
  readonly size: () => number
  /** Their notifications. */
  readonly ids: () => string[]
  /** Whether it is here; there is more to say then when that is done. */
  readonly isHere: (subject: string) => boolean
  readonly add: (tellings: readonly Telling[]) => void
  /** Those that wait are given up, to be opened anew. */
  readonly putBack: () => void
  readonly done: () => Promise<void>
}

interface Wishes {
  readonly tell: (telling: Telling) => Promise<void>
  /** How many may be under way now; none = what waits is put back. */
  readonly room: () => number
  /** One is done; `again`: something is left to look for. */
  readonly landed: (wanted: { again: boolean }) => void
}

/** What was true when it was opened is taken to be true for so long. */
const freshMs = 1000

interface Waiting {
  readonly telling: Telling
  readonly openedAt: number
}

export function openFlights({ tell, room, landed }: Wishes): Flights {
  const underway = new Map<Telling, Promise<void>>()
  const { enter, leave, ...register } = openRegister()
  let waiting: Waiting[] = []

  const putBack = () => {
    for (const { telling } of waiting) leave(telling)
    waiting = []
  }
  const fly = (telling: Telling) => {
    const told = tell(telling).finally(() => {
      underway.delete(telling)
      const isMore = leave(telling)
      const isPutBack = startNext()
      landed({ again: isMore || isPutBack })
    })
    underway.set(telling, told)
  }
  /** → whether some had to be put back. */
  const startNext = (): boolean => {
    const most = room()
    while (underway.size < most) {
      const next = waiting.shift()
      if (!next) return false
      if (performance.now() - next.openedAt > freshMs) {
        leave(next.telling)
        putBack()
        return true
      }
      fly(next.telling)
    }
    if (most > 0 || waiting.length === 0) return false
    putBack()
    return true
  }

  return {
    ...register,
    add: (tellings) => {
      const openedAt = performance.now()
      tellings.forEach(enter)
      waiting.push(...tellings.map((telling) => ({ telling, openedAt })))
      startNext()
    },
    putBack,
    done: async () => {
      await Promise.all(underway.values())
    },
  }
}

interface Register extends Pick<Flights, 'size' | 'ids' | 'isHere'> {
  readonly enter: (telling: Telling) => void
  /** → whether somebody asked for one of its subjects meanwhile. */
  readonly leave: (telling: Telling) => boolean
}

function openRegister(): Register {
  const here = new Set<Telling>()
  const subjects = new Set<string>()
  const again = new Set<string>()
  return {
    size: () => here.size,
    ids: () => [...here].flatMap(({ unsaid }) => unsaid.map(({ id }) => id)),
    isHere: (subject) => {
      const isIt = subjects.has(subject)
      if (isIt) again.add(subject)
      return isIt
    },
    enter: (telling) => {
      here.add(telling)
      for (const subject of subjectsOf(telling)) subjects.add(subject)
    },
    leave: (telling) => {
      here.delete(telling)
      const told = subjectsOf(telling)
      for (const subject of told) subjects.delete(subject)
      return told.filter((subject) => again.delete(subject)).length > 0
    },
  }
}

function subjectsOf({ subject, within = [] }: Telling): string[] {
  return [subject, ...within]
}
