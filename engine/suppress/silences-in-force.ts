import type { Labels } from '#engine/labels.ts'
import { indexMatchers, type MatcherIndex } from '#engine/matcher-index.ts'
import { type Silence, silencing } from './silence.ts'
import { currentSpan, type ScheduledSilence } from './silence-schedule.ts'

/** Ten thousand silences, made ready once and asked for every notification. */
export interface SilencesInForce {
  readonly index: MatcherIndex<ScheduledSilence>
  /** When another one begins or ends and this must be made anew; undefined while nothing will. */
  readonly changesAt: Date | undefined
}

export function silencesInForce(silences: readonly ScheduledSilence[], now: Date): SilencesInForce {
  const spans = silences.flatMap((silence) => {
    const span = currentSpan(silence, now)
    return span ? [{ silence, span, isInForce: span.startsAt <= now }] : []
  })
  const changes = spans.map(({ span, isInForce }) => (isInForce ? span.endsAt : span.startsAt).getTime())
  const next = changes.reduce((soonest, change) => Math.min(soonest, change), Number.POSITIVE_INFINITY)
  return {
    index: indexMatchers(spans.filter(({ isInForce }) => isInForce).map(({ silence }) => silence)),
    changesAt: Number.isFinite(next) ? new Date(next) : undefined,
  }
}

/** Those whose quiet ended in (after, upTo]: what they held back is to be looked at again, and their end announced. */
export function silencesEndedWithin(
  silences: readonly ScheduledSilence[],
  after: Date,
  upTo: Date,
): ScheduledSilence[] {
  return silences.filter((silence) => {
    const span = currentSpan(silence, after)
    return span !== undefined && span.startsAt <= upTo && span.endsAt <= upTo
  })
}

/** The silence that keeps this quiet longest, with the span it is in now. */
export function silencedNow({ index }: SilencesInForce, labels: Labels, now: Date): Silence | undefined {
  const spans = index.find(labels).map((silence) => ({ ...silence, ...currentSpan(silence, now) }))
  return silencing(spans, labels, now)
}
