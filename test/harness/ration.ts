import { performance } from 'node:perf_hooks'

/** As many calls as a vendor says it takes within so long. */
export interface Ration {
  readonly most: number
  readonly withinMs: number
}

/** A call may be on its way for less time than the one before it. */
const toleranceMs = 50

/** → for each call how long to wait until there is room for it, in ms; 0 = it is taken. Each kind of call counts for itself. */
export function openRation({ most, withinMs }: Ration): (kind: string) => number {
  const takenAt = new Map<string, number[]>()
  return (kind) => {
    const taken = takenAt.get(kind) ?? []
    const now = performance.now()
    const roomAt = (taken.at(-most) ?? -Infinity) + withinMs
    if (now < roomAt - toleranceMs) return roomAt - now
    takenAt.set(kind, [...taken, now])
    return 0
  }
}
