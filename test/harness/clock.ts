import { parseDuration } from '#engine/duration.ts'

export interface MovableClock {
  readonly now: () => Date
  /** `30s`, `5m`, `1h`. */
  forward(duration: string): void
}

export function movableClock(start: Date): MovableClock {
  let instant = start.getTime()
  return {
    now: () => new Date(instant),
    forward: (duration) => {
      const seconds = parseDuration(duration)
      if (seconds === undefined) throw new Error(`"${duration}" is not a duration`)
      instant += seconds * 1000
    },
  }
}
