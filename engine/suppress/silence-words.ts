import { severityLabel } from '#engine/alert.ts'
import { type Clauses, wordsOf } from '#engine/command/clauses.ts'
import { parseDuration } from '#engine/duration.ts'
import type { Matcher } from '#engine/matcher.ts'
import { parseMatchers } from '#engine/matcher-text.ts'
import { readWhen } from '#engine/when.ts'
import { type Recurrence, recurrenceProblem } from './recurrence.ts'
import { matchersProblem, noEnd } from './silence-draft.ts'
import type { SilenceWish } from './silence-schedule.ts'

interface Place {
  readonly now: Date
  readonly zone: string
}

/** The part of what was said that a problem is about. */
export type ClauseProblem = { readonly problem: string; readonly about: keyof Clauses }

export type ReadSilenceWords = { readonly wish: Omit<SilenceWish, 'createdBy'> } | ClauseProblem

const longestReason = 500
const longestDays = 366

/** `team=payments severity=critical for 2h starting 22:00 every 0 22 * * 1-5 in Europe/Berlin because …` → a wish. */
export function readSilenceWords(clauses: Clauses, place: Place): ReadSilenceWords {
  const matchers = readMatchers(clauses.what)
  if ('problem' in matchers) return { ...matchers, about: 'what' }
  const times = readTimes(clauses, place)
  if ('problem' in times) return times
  const reason = (clauses.because ?? '').slice(0, longestReason)
  const { startsAt, endsAt, lastsSeconds } = times
  if (clauses.every === undefined) return { wish: { matchers, startsAt, endsAt, reason } }
  const recurrence = readRecurrence(clauses, lastsSeconds, place)
  if ('problem' in recurrence) return recurrence
  const end = clauses.until === undefined ? noEnd : endsAt
  return { wish: { matchers, startsAt, endsAt: end, reason, recurrence } }
}

/** Commas and braces as in amtool, or white space alone. `severity` is compared by what it means. */
function readMatchers(text: string): readonly Matcher[] | { readonly problem: string } {
  const isBraced = text.startsWith('{') && text.endsWith('}')
  const listed = wordsOf(isBraced ? text.slice(1, -1) : text)
    .map((word) => word.replace(/,$/, ''))
    .filter((word) => word !== '')
    .join(',')
  const parsed = parseMatchers(listed)
  if ('problem' in parsed)
    return { problem: `${parsed.problem}; write them as team="payments" app=~"orders|shop".` }
  const matchers = parsed.matchers.map(asMeant)
  const problem = matchersProblem(matchers)
  return problem === undefined ? matchers : { problem }
}

const severities = new Set(['CRITICAL', 'WARNING', 'INFO'])

function asMeant(matcher: Matcher): Matcher {
  const { name, operator, value } = matcher
  if (name === 'appSlug') return { ...matcher, name: 'app' }
  const isWord = severities.has(value.toUpperCase()) && (operator === '=' || operator === '!=')
  return name === 'severity' && isWord
    ? { ...matcher, name: severityLabel, value: value.toUpperCase() }
    : matcher
}

interface Times {
  readonly startsAt: Date
  readonly endsAt: Date
  readonly lastsSeconds: number | undefined
}

const times = 'now, in 2h, 22:00, tomorrow 22:00, 2026-04-20 02:00'

/** When something begins and ends, for silences and maintenances alike. */
export function readTimes(clauses: Clauses, place: Place): Times | ClauseProblem {
  const startsAt = readWhen(clauses.starting ?? 'now', place)
  if (!startsAt)
    return { problem: `"${clauses.starting}" is no time I know: try ${times}.`, about: 'starting' }
  const lastsSeconds = clauses.for === undefined ? undefined : parseDuration(clauses.for)
  if (clauses.for !== undefined && !isLength(lastsSeconds))
    return {
      problem: `"${clauses.for}" is not a length of time I know: try 30m, 4h, 2d (${longestDays} days at most).`,
      about: 'for',
    }
  const until = clauses.until === undefined ? undefined : readWhen(clauses.until, { ...place, now: startsAt })
  if (clauses.until !== undefined && !until)
    return { problem: `"${clauses.until}" is no time I know: try ${times}.`, about: 'until' }
  const endsAt = until ?? new Date(startsAt.getTime() + (lastsSeconds ?? 0) * 1000)
  if (until === undefined && lastsSeconds === undefined)
    return { problem: 'Say for how long: for 2h, or until tomorrow.', about: 'for' }
  if (endsAt <= startsAt || endsAt <= place.now)
    return { problem: 'It would be over before it begins, or is over already.', about: 'until' }
  return { startsAt, endsAt, lastsSeconds }
}

function isLength(seconds: number | undefined): boolean {
  return seconds !== undefined && seconds >= 60 && seconds <= longestDays * 86_400
}

function readRecurrence(
  clauses: Clauses,
  lastsSeconds: number | undefined,
  { zone }: Place,
): Recurrence | ClauseProblem {
  if (lastsSeconds === undefined) return { problem: 'Say how long each time lasts: for 2h.', about: 'for' }
  const recurrence = { cron: clauses.every ?? '', zone: clauses.in ?? zone, durationSeconds: lastsSeconds }
  const problem = recurrenceProblem(recurrence)
  if (problem === undefined) return recurrence
  return { problem, about: /time zone/.test(problem) ? 'in' : 'every' }
}
