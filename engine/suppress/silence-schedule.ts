import { broadSilenceProblem } from './broad-silence.ts'
import { isLabelName, isStorableText, type LabelNameRule } from '#engine/labels.ts'
import { matchesEmpty, type Matcher, patternProblem } from '#engine/matcher.ts'
import { actorName, type Actor } from '#engine/person.ts'
import { type Recurrence, recurrenceProblem, type Span, spanAfter, spanAt } from './recurrence.ts'
import type { Silence } from './silence.ts'

/** A silence with its life: made ahead of time, changed, repeated, ended. A recurring one counts only in its spans. */
export interface ScheduledSilence extends Silence {
  readonly updatedAt: Date
  readonly recurrence?: Recurrence
  /** The incident it was made from: its messages tell of it. */
  readonly incidentId?: string
}

export type SilenceState = 'pending' | 'active' | 'expired'

/** What somebody asks for; with an id, a change of the silence that has it. */
export interface SilenceWish extends Span {
  readonly id?: string
  readonly matchers: readonly Matcher[]
  readonly reason: string
  readonly createdBy: Actor
  readonly recurrence?: Recurrence
}

export type SilenceChange =
  | {
      readonly kind: 'changed'
      readonly silence: ScheduledSilence
      /** The silence that this one takes the place of. */
      readonly ended?: ScheduledSilence
    }
  | { readonly kind: 'refused'; readonly because: string }
  /** A change of a silence that is not there. */
  | { readonly kind: 'unknown'; readonly because: string }

export interface SilenceMoment {
  readonly environment: string
  readonly now: Date
  readonly newId: () => string
  readonly names: LabelNameRule
}

/** The span it is in force for, or the next one; undefined once there is none any more. */
export function currentSpan(silence: ScheduledSilence, now: Date): Span | undefined {
  if (now >= silence.endsAt) return undefined
  const { recurrence } = silence
  if (!recurrence) return { startsAt: silence.startsAt, endsAt: silence.endsAt }
  const since = now < silence.startsAt ? silence.startsAt : now
  const found = spanAt(recurrence, since) ?? spanAfter(recurrence, since)
  if (!found || found.startsAt >= silence.endsAt) return undefined
  return { startsAt: later(found.startsAt, silence.startsAt), endsAt: earlier(found.endsAt, silence.endsAt) }
}

export function silenceState(silence: ScheduledSilence, now: Date): SilenceState {
  const span = currentSpan(silence, now)
  if (!span) return 'expired'
  return now < span.startsAt ? 'pending' : 'active'
}

/** When its state changes next; undefined = never again. */
export function nextTurn(silence: ScheduledSilence, now: Date): Date | undefined {
  const span = currentSpan(silence, now)
  return span && (now < span.startsAt ? span.startsAt : span.endsAt)
}

/**
 * Alertmanager's rule of changes: with the same matchers and permitted times the silence keeps its id; any other change
 * ends it and makes a new one, so that what was silenced when remains true. Nothing ends unless the wish is sound.
 */
export function placeSilence(
  wish: SilenceWish,
  known: ScheduledSilence | undefined,
  moment: SilenceMoment,
): SilenceChange {
  const { environment, now, newId } = moment
  const badTimes = timesProblem(wish, now)
  if (badTimes !== undefined) return { kind: 'refused', because: `Failed to create silence: ${badTimes}` }
  if (wish.id !== undefined && !known) return { kind: 'unknown', because: 'silence not found' }
  const problem = wishProblem(wish, moment)
  if (problem !== undefined) return { kind: 'refused', because: `silence invalid: ${problem}` }
  const { recurrence } = wish
  const silence: ScheduledSilence = {
    id: known?.id ?? newId(),
    environment,
    matchers: wish.matchers as Silence['matchers'],
    startsAt: wish.startsAt,
    endsAt: wish.endsAt,
    reason: wish.reason,
    createdBy: wish.createdBy,
    updatedAt: now,
    ...(recurrence && { recurrence }),
    ...(known?.incidentId !== undefined && { incidentId: known.incidentId }),
  }
  if (known && mayKeepId(known, silence, now)) return { kind: 'changed', silence }
  const fresh = { ...silence, id: known ? newId() : silence.id, startsAt: later(wish.startsAt, now) }
  if (!known || silenceState(known, now) === 'expired') return { kind: 'changed', silence: fresh }
  return { kind: 'changed', silence: fresh, ended: end(known, now) }
}

export function expireSilence(silence: ScheduledSilence, now: Date): SilenceChange {
  if (silenceState(silence, now) === 'expired')
    return { kind: 'refused', because: 'This silence has already ended.' }
  return { kind: 'changed', silence: end(silence, now) }
}

export function extendSilence(silence: ScheduledSilence, until: Date, now: Date): SilenceChange {
  if (silenceState(silence, now) === 'expired') {
    return { kind: 'refused', because: 'This silence has already ended: make a new one.' }
  }
  if (until <= silence.endsAt)
    return { kind: 'refused', because: 'This silence already lasts longer than that.' }
  const broad = broadSilenceProblem({ ...silence, endsAt: until }, now)
  if (broad !== undefined) return { kind: 'refused', because: `This silence cannot last longer: ${broad}.` }
  return { kind: 'changed', silence: { ...silence, endsAt: until, updatedAt: now } }
}

/** A silence that had not begun never was: it starts and ends now. */
function end(silence: ScheduledSilence, now: Date): ScheduledSilence {
  return { ...silence, startsAt: earlier(silence.startsAt, now), endsAt: now, updatedAt: now }
}

function mayKeepId(known: ScheduledSilence, changed: ScheduledSilence, now: Date): boolean {
  const seconds = (at: Date) => Math.floor(at.getTime() / 1000)
  if (JSON.stringify(shape(known)) !== JSON.stringify(shape(changed)) || now >= known.endsAt) return false
  const hasBegun = known.startsAt <= now
  return hasBegun ? seconds(changed.startsAt) === seconds(known.startsAt) : changed.startsAt >= now
}

function shape({ matchers, recurrence }: ScheduledSilence) {
  return [
    matchers.map(({ name, operator, value }) => [name, operator, value]),
    recurrence?.cron,
    recurrence?.zone,
    recurrence?.durationSeconds,
  ]
}

/** In the words of Alertmanager, whose clients show them. */
function timesProblem({ startsAt, endsAt }: Span, now: Date): string | undefined {
  if (startsAt >= endsAt) return 'start time must be before end time'
  return endsAt < now ? "end time can't be in the past" : undefined
}

function wishProblem(wish: SilenceWish, { names, now }: SilenceMoment): string | undefined {
  const matcher = firstMatcherProblem(wish.matchers, names)
  if (matcher !== undefined) return matcher
  if (wish.matchers.every(saysNothing)) return 'at least one matcher must not match the empty string'
  if (![wish.reason, actorName(wish.createdBy)].every(isStorableText))
    return 'text holds a NUL or half a character: remove it'
  const recurrence = wish.recurrence && recurrenceProblem(wish.recurrence)
  return recurrence ?? broadSilenceProblem(wish, now)
}

/** Negations always count as saying something, though they match what lacks the label: so it is in Alertmanager. */
function saysNothing(matcher: Matcher): boolean {
  return (matcher.operator === '=' || matcher.operator === '=~') && matchesEmpty(matcher)
}

function firstMatcherProblem(matchers: readonly Matcher[], names: LabelNameRule): string | undefined {
  for (const [index, matcher] of matchers.entries()) {
    const problem = matcherProblem(matcher, names)
    if (problem !== undefined) return `invalid label matcher ${index}: ${problem}`
  }
  return undefined
}

function matcherProblem({ name, operator, value }: Matcher, names: LabelNameRule): string | undefined {
  if (!isLabelName(name, names)) return `invalid label name ${JSON.stringify(name.slice(0, 200))}`
  if (!isStorableText(value)) return 'the value holds a NUL or half a character: remove it'
  const problem = operator === '=' || operator === '!=' ? undefined : patternProblem(value)
  return problem === undefined
    ? undefined
    : `invalid regular expression ${JSON.stringify(value.slice(0, 200))}: ${problem}`
}

function earlier(one: Date, other: Date): Date {
  return one <= other ? one : other
}

function later(one: Date, other: Date): Date {
  return one >= other ? one : other
}
