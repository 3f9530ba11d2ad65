import { compareLabels, compareText, type Labels } from '#engine/labels.ts'
import { actorName } from '#engine/person.ts'
import type { PostedAlert } from '#engine/posted-alert.ts'
import {
  currentSpan,
  type ScheduledSilence,
  silenceState,
  type SilenceState,
} from '#engine/suppress/silence-schedule.ts'

/** An alert with everything that is true of it at the time of the question. */
export interface AlertStanding {
  readonly alert: PostedAlert
  readonly receivers: readonly string[]
  /** Ids of silences. */
  readonly silencedBy: readonly string[]
  /** Fingerprints of alerts. */
  readonly inhibitedBy: readonly string[]
  /** Names of time intervals. */
  readonly mutedBy: readonly string[]
}

export interface AlertGroup {
  readonly labels: Labels
  readonly receiver: string
  readonly alerts: readonly AlertStanding[]
}

/*
 * The JSON of Alertmanager's API v2, in the shape of 0.34, which older clients read too. Lists and maps are never null:
 * karma's reader would not end on one. `unprocessed` never shows: what is accepted here is judged before it is shown.
 */

export function presentAlert({ alert, receivers, ...suppressed }: AlertStanding) {
  const { silencedBy, inhibitedBy, mutedBy } = suppressed
  return {
    annotations: alert.annotations,
    endsAt: alert.endsAt.toISOString(),
    fingerprint: alert.fingerprint,
    receivers: [...receivers].sort(compareText).map((name) => ({ name })),
    startsAt: alert.startsAt.toISOString(),
    status: {
      inhibitedBy: [...inhibitedBy].sort(compareText),
      mutedBy: [...mutedBy].sort(compareText),
      silencedBy: [...silencedBy].sort(compareText),
      state: isSuppressed(suppressed) || mutedBy.length > 0 ? ('suppressed' as const) : ('active' as const),
    },
    updatedAt: alert.updatedAt.toISOString(),
    ...(alert.generatorUrl !== '' && { generatorURL: alert.generatorUrl }),
    labels: alert.labels,
  }
}

export function isSuppressed({
  silencedBy,
  inhibitedBy,
}: Pick<AlertStanding, 'silencedBy' | 'inhibitedBy'>): boolean {
  return silencedBy.length > 0 || inhibitedBy.length > 0
}

export function presentAlerts(standings: readonly AlertStanding[]) {
  return standings.toSorted(byFingerprint).map(presentAlert)
}

export function byFingerprint(one: AlertStanding, other: AlertStanding): number {
  return compareText(one.alert.fingerprint, other.alert.fingerprint)
}

export function presentGroups(groups: readonly AlertGroup[]) {
  return groups
    .toSorted(
      (one, other) => compareLabels(one.labels, other.labels) || compareText(one.receiver, other.receiver),
    )
    .map(({ labels, receiver, alerts }) => ({
      alerts: alerts
        .toSorted((one, other) => compareAlertLabels(one.alert.labels, other.alert.labels))
        .map(presentAlert),
      labels,
      receiver: { name: receiver },
      routeLabels: {},
    }))
}

/** Inside a group (and a webhook) by job, then instance, where lacking one comes last; then by all labels. */
export function compareAlertLabels(one: Labels, other: Labels): number {
  for (const name of ['job', 'instance']) {
    const difference = compareLackingLast(one[name], other[name])
    if (difference !== 0) return difference
  }
  return compareLabels(one, other)
}

function compareLackingLast(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  return compareText(one, other)
}

/** A recurring silence shows the span it is in, or its next one. */
export function presentSilence(silence: ScheduledSilence, now: Date) {
  const { startsAt, endsAt } = currentSpan(silence, now) ?? silence
  return {
    id: silence.id,
    status: { state: silenceState(silence, now) },
    updatedAt: silence.updatedAt.toISOString(),
    annotations: {},
    comment: silence.reason,
    createdBy: actorName(silence.createdBy),
    endsAt: endsAt.toISOString(),
    matchers: silence.matchers.map(({ name, operator, value }) => ({
      isEqual: operator === '=' || operator === '=~',
      isRegex: operator === '=~' || operator === '!~',
      name,
      value,
    })),
    startsAt: startsAt.toISOString(),
  }
}

const stateOrder: Record<SilenceState, number> = { active: 0, pending: 1, expired: 2 }

/** What matters soonest first: active by end, pending by start, then what ended last. */
export function presentSilences(silences: readonly ScheduledSilence[], now: Date) {
  return silences
    .map((silence) => presentSilence(silence, now))
    .toSorted((one, other) => {
      const { state } = one.status
      if (state !== other.status.state) return stateOrder[state] - stateOrder[other.status.state]
      if (state === 'pending') return compareText(one.startsAt, other.startsAt)
      return state === 'active'
        ? compareText(one.endsAt, other.endsAt)
        : compareText(other.endsAt, one.endsAt)
    })
}

export function presentReceivers(names: readonly string[]) {
  return names.map((name) => ({ name, labels: {} }))
}

/** The Alertmanager whose API this is; amtool and karma look at it to know what they may ask. */
export const spokenVersion = '0.34.0'

export interface ServerStatus {
  readonly version: string
  readonly revision: string
  readonly startedAt: Date
  /** Our routing in Alertmanager's YAML: amtool and Grafana parse it, so it is never empty. */
  readonly configYaml: string
}

/** `versionInfo` without a version crashes amtool, and so does a missing cluster. */
export function presentStatus({ version, revision, startedAt, configYaml }: ServerStatus) {
  return {
    cluster: { peers: [], status: 'disabled' as const },
    config: { original: configYaml },
    uptime: startedAt.toISOString(),
    versionInfo: { branch: '', buildDate: '', buildUser: '', goVersion: '', revision, version },
  }
}
