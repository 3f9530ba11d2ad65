import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState } from '#engine/event.ts'
import type { NotificationSettings } from '#engine/notify/decide-notification.ts'
import { isInUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import type { CheckMemory, MaintenanceWindow, StateChange } from '#engine/suppress/check-memory.ts'
import { isInScheduledMaintenance } from '#engine/suppress/maintenance.ts'

/** Reports of Flapjack's JSON API 1.x. Instants are seconds since 1970, an open end of the period is null. */

export interface Period {
  readonly from: EpochSeconds | null
  readonly to: EpochSeconds | null
}

export interface CheckPast {
  /** Oldest first: those of the period, after the one it began with. */
  readonly stateChanges: readonly StateChange[]
  readonly scheduled: readonly MaintenanceWindow[]
  readonly unscheduled: readonly MaintenanceWindow[]
}

interface StatusQuestion {
  readonly name: string
  readonly memory: CheckMemory
  readonly lastAcknowledgedAt: EpochSeconds | null
  readonly now: EpochSeconds
  readonly settings: NotificationSettings
}

/** Null for what is not kept: events that change nothing are not written down, so nobody knows the last one. */
export function statusReport({ name, memory, lastAcknowledgedAt, now, settings }: StatusQuestion) {
  const { lastChange, notified } = memory
  return {
    name,
    state: lastChange?.state ?? null,
    enabled: memory.isEnabled,
    summary: memory.summary,
    details: memory.details,
    perfdata: readPerfdata(memory.perfdata),
    in_unscheduled_maintenance: isInUnscheduledMaintenance(memory, now),
    in_scheduled_maintenance: isInScheduledMaintenance(memory, now),
    initial_failure_delay: settings.initialFailureDelaySeconds,
    repeat_failure_delay: settings.repeatFailureDelaySeconds,
    last_update: null,
    last_change: lastChange?.at ?? null,
    last_problem_notification: notified.lastProblemAt,
    last_recovery_notification: notified.last === 'recovery' ? (lastChange?.at ?? null) : null,
    last_acknowledgement_notification: lastAcknowledgedAt,
  }
}

/** `time=0.4s;1;2 'free space'=81%` → key and value. */
function readPerfdata(text: string | null): { key: string; value: string }[] | null {
  if (text === null) return null
  return [...text.matchAll(/(?:'([^']+)'|([^\s='][^\s=]*))=(\S+)/g)].map(([, quoted, bare, value]) => ({
    key: quoted ?? bare ?? '',
    value: value ?? '',
  }))
}

interface Outage {
  readonly state: CheckState
  readonly start_time: EpochSeconds
  readonly end_time: EpochSeconds | null
  readonly duration: number | null
  readonly summary: string
}

/** One for each stretch of one failing state. Unlike there, also one that lasts through the whole period. */
export function outages({ stateChanges }: CheckPast, { from, to }: Period): Outage[] {
  const stretches: { state: CheckState; start: EpochSeconds; summaries: string[] }[] = []
  for (const { state, at, summary } of stateChanges) {
    const last = stretches.at(-1)
    if (last?.state === state) last.summaries.push(summary ?? '')
    else stretches.push({ state, start: Math.max(at, from ?? at), summaries: [summary ?? ''] })
  }
  return stretches.flatMap(({ state, start, summaries }, index) => {
    const end = stretches[index + 1]?.start ?? to
    if (state === 'ok') return []
    return [outage({ state, start, end, summary: summaries.join(' / ') })]
  })
}

function outage(found: {
  state: CheckState
  start: EpochSeconds
  end: EpochSeconds | null
  summary: string
}): Outage {
  const { state, start, end, summary } = found
  return { state, start_time: start, end_time: end, duration: end === null ? null : end - start, summary }
}

export function presentWindow({ startsAt, endsAt, summary }: MaintenanceWindow) {
  return { start_time: startsAt, end_time: endsAt, duration: endsAt - startsAt, summary }
}

/** Outages without the scheduled maintenances in them, and how much of the period each state took. */
export function downtime(past: CheckPast, period: Period) {
  const found = outages(past, period)
  const left = found.flatMap((one) => past.scheduled.reduce(withoutWindow, [one]))
  const { from, to } = period
  const seconds: Record<string, number> = Object.fromEntries(found.map(({ state }) => [state, 0]))
  for (const { state, duration } of left) seconds[state] = (seconds[state] ?? 0) + (duration ?? 0)
  if (from === null || to === null) {
    const unknown = Object.keys(seconds).map((state) => [state, null])
    return { total_seconds: seconds, percentages: Object.fromEntries(unknown), downtime: left }
  }
  const length = to - from
  if (found.length > 0) seconds['ok'] = length - Object.values(seconds).reduce((sum, part) => sum + part, 0)
  const percentages = Object.entries(seconds).map(([state, part]) => [state, (part * 100) / length])
  return { total_seconds: seconds, percentages: Object.fromEntries(percentages), downtime: left }
}

function withoutWindow(parts: readonly Outage[], { startsAt, endsAt }: MaintenanceWindow): Outage[] {
  return parts.flatMap((part) => {
    const { state, start_time: start, end_time: end, summary } = part
    // One that has not ended is left whole, as there.
    if (end === null || endsAt <= start || end <= startsAt) return [part]
    const isSplit = start < startsAt && endsAt < end
    const named = (which: string) => (isSplit ? `${summary} [split ${which}]` : summary)
    return [
      ...(start < startsAt ? [outage({ state, start, end: startsAt, summary: named('start') })] : []),
      ...(endsAt < end ? [outage({ state, start: endsAt, end, summary: named('finish') })] : []),
    ]
  })
}
