import type { Labels } from '#engine/labels.ts'
import { matchesAll, type Matcher } from '#engine/matcher.ts'
import type { Actor } from '#engine/person.ts'

/** Why nobody hears for a while: all matchers must match; at least one there always is. */
export interface Silence {
  readonly id: string
  readonly environment: string
  readonly matchers: readonly [Matcher, ...Matcher[]]
  readonly startsAt: Date
  readonly endsAt: Date
  readonly reason: string
  readonly createdBy: Actor
}

/** In force over [startsAt, endsAt). */
export function isInForce(silence: Pick<Silence, 'startsAt' | 'endsAt'>, now: Date): boolean {
  return silence.startsAt.getTime() <= now.getTime() && now.getTime() < silence.endsAt.getTime()
}

/** The silence that keeps this quiet longest, so that whoever asks is told when it is really over. */
export function silencing(silences: readonly Silence[], labels: Labels, now: Date): Silence | undefined {
  return silences
    .filter((silence) => isInForce(silence, now) && matchesAll(silence.matchers, labels))
    .reduce<Silence | undefined>(
      (longest, silence) => (longest && longest.endsAt >= silence.endsAt ? longest : silence),
      undefined,
    )
}
