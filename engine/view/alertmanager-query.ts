import { type ApiRefusal, refuse } from '#engine/intake/api-refusal.ts'
import { matches, matchesAll, type Matcher, patternProblem } from '#engine/matcher.ts'
import { parseMatcher } from '#engine/matcher-text.ts'
import type { ScheduledSilence } from '#engine/suppress/silence-schedule.ts'
import { type AlertGroup, type AlertStanding, byFingerprint, isSuppressed } from './alertmanager.ts'

/** What `GET /api/v2/alerts` and `/alerts/groups` are asked to leave out. */
export interface AlertQuery {
  readonly active: boolean
  readonly silenced: boolean
  readonly inhibited: boolean
  /** Of groups only. */
  readonly muted: boolean
  readonly matchers: readonly Matcher[]
  /** Matches the name of a receiver, whole; undefined = any. */
  readonly receiver: Matcher | undefined
  /** Ours: a page of this many, after this fingerprint. */
  readonly limit: number | undefined
  readonly after: string | undefined
}

export type ReadAlertQuery = { readonly query: AlertQuery } | { readonly refusal: ApiRefusal }

export function readAlertQuery(parameters: URLSearchParams): ReadAlertQuery {
  const filter = readFilter(parameters)
  if ('refusal' in filter) return filter
  const receiver = parameters.getAll('receiver').at(-1) ?? ''
  const problem = patternProblem(receiver)
  if (problem !== undefined) return { refusal: refuse(`failed to parse receiver param: ${problem}`) }
  const limit = parameters.get('limit')
  if (limit !== null && !/^[1-9]\d{0,5}$/.test(limit))
    return { refusal: refuse('limit must be a number from 1 to 999999') }
  return {
    query: {
      active: readFlag(parameters, 'active'),
      silenced: readFlag(parameters, 'silenced'),
      inhibited: readFlag(parameters, 'inhibited'),
      muted: readFlag(parameters, 'muted'),
      matchers: filter.matchers,
      receiver: receiver === '' ? undefined : { name: 'receiver', operator: '=~', value: receiver },
      limit: limit === null ? undefined : Number(limit),
      after: parameters.get('after') ?? undefined,
    },
  }
}

export type ReadFilter = { readonly matchers: readonly Matcher[] } | { readonly refusal: ApiRefusal }

/** `filter` may be given many times; all of them must match. */
export function readFilter(parameters: URLSearchParams): ReadFilter {
  const matchers: Matcher[] = []
  for (const text of parameters.getAll('filter')) {
    const parsed = parseMatcher(text)
    if ('problem' in parsed) return { refusal: refuse(parsed.problem) }
    matchers.push(parsed.matcher)
  }
  return { matchers }
}

const yes = new Set(['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'])

/** As Alertmanager's runtime reads truth: the last one counts, empty is the default, and any other word is no. */
function readFlag(parameters: URLSearchParams, name: string): boolean {
  const text = parameters.getAll(name).at(-1) ?? ''
  return text === '' || yes.has(text.toLowerCase())
}

export function selectAlerts(
  standings: readonly AlertStanding[],
  query: AlertQuery,
  now: Date,
): AlertStanding[] {
  return standings.filter((standing) => isWanted(standing, query, now))
}

function isWanted(standing: AlertStanding, query: AlertQuery, now: Date): boolean {
  const { alert, receivers, silencedBy, inhibitedBy } = standing
  if (alert.endsAt < now) return false
  if (!query.active && !isSuppressed(standing)) return false
  if (!query.silenced && silencedBy.length > 0) return false
  if (!query.inhibited && inhibitedBy.length > 0) return false
  const { receiver } = query
  if (receiver && !receivers.some((name) => matches(receiver, { receiver: name }))) return false
  return matchesAll(query.matchers, alert.labels)
}

/** Groups with what is left of them; a group of nothing is not shown. */
export function selectGroups(groups: readonly AlertGroup[], query: AlertQuery, now: Date): AlertGroup[] {
  const ofAnyReceiver = { ...query, receiver: undefined }
  const isShown = ({ mutedBy }: AlertStanding) => query.muted || mutedBy.length === 0
  return groups
    .filter(({ receiver }) => !query.receiver || matches(query.receiver, { receiver }))
    .map((group) => ({ ...group, alerts: selectAlerts(group.alerts, ofAnyReceiver, now).filter(isShown) }))
    .filter(({ alerts }) => alerts.length > 0)
}

/** What has to be read for a page: one more than it shows, to know whether others follow. Undefined: filters choose from all. */
export function pageToRead(
  query: AlertQuery,
): { readonly after: string; readonly limit: number } | undefined {
  const { limit, after = '', matchers, receiver, active, silenced, inhibited } = query
  const isChoosy = matchers.length > 0 || receiver !== undefined || !active || !silenced || !inhibited
  return limit === undefined || isChoosy ? undefined : { after, limit: limit + 1 }
}

/** By fingerprint, so that a page is not upset by what comes and goes before it. */
export function pageOfAlerts(
  standings: readonly AlertStanding[],
  { limit, after = '' }: Pick<AlertQuery, 'limit' | 'after'>,
): AlertStanding[] {
  const rest = after === '' ? standings : standings.filter(({ alert }) => alert.fingerprint > after)
  return limit === undefined ? [...rest] : rest.toSorted(byFingerprint).slice(0, limit)
}

/** Silences are found by what they say, not by what they cover: each matcher must be among theirs. */
export function selectSilences(
  silences: readonly ScheduledSilence[],
  wanted: readonly Matcher[],
): ScheduledSilence[] {
  return silences.filter(({ matchers }) =>
    wanted.every((one) => matchers.some((other) => isSame(one, other))),
  )
}

function isSame(one: Matcher, other: Matcher): boolean {
  return one.name === other.name && one.operator === other.operator && one.value === other.value
}
