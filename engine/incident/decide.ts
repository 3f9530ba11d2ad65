import type { Alert } from '#engine/alert.ts'
import { formatDuration } from '#engine/duration.ts'
import { plainTime } from '#engine/message/plain.ts'
import { actorName, type Actor } from '#engine/person.ts'
import type { Matcher } from '#engine/matcher.ts'
import type { Silence } from '#engine/suppress/silence.ts'
import { type Incident, incidentView, worstAlert } from './incident.ts'
import type { TimelineEntry } from './timeline.ts'

/** A refusal is a value: whispered to the person who asked, and nothing changes. */
export type Decision =
  | {
      readonly kind: 'changed'
      /** The alerts that changed, as they are now. */
      readonly alerts: readonly Alert[]
      readonly entry: TimelineEntry
      readonly silence?: Silence & { readonly incidentId: string }
      /** The checks of the alerts stay quiet until they have been ok once, or fail on until then. */
      readonly closes?: { readonly reopensAt: Date | null }
    }
  | { readonly kind: 'refused'; readonly because: string }

export type Decide = (incident: Incident) => Decision

/** `only`: the position of one of its alerts, counted from 1; without it all of them. */
export function acknowledge(actor: Actor, now: Date, only?: number): Decide {
  return (incident) => {
    const meant = meantAlerts(incident, only)
    if (meant.length === 0) return unknownAlert(incident, only)
    const firing = meant.filter((alert) => alert.state === 'FIRING' && !alert.acknowledgedAt)
    if (firing.length === 0) return refuse({ ...incident, alerts: meant as Incident['alerts'] }, now)
    const alerts = firing.map((alert) => ({ ...alert, acknowledgedAt: now, acknowledgedBy: actor }))
    return {
      kind: 'changed',
      alerts,
      entry: { at: now, actor, kind: 'acknowledged', details: aboutOne(incident, meant) },
    }
  }
}

/** Nobody followed up on it: it waits for somebody again. */
export function unacknowledge(actor: Actor, now: Date): Decide {
  return (incident) => {
    const held = incident.alerts.filter((alert) => alert.state === 'FIRING' && alert.acknowledgedAt)
    if (held.length === 0) return refuse(incident, now)
    const alerts = held.map((alert) => ({ ...alert, acknowledgedAt: null, acknowledgedBy: null }))
    return { kind: 'changed', alerts, entry: { at: now, actor, kind: 'unacknowledged', details: {} } }
  }
}

export function resolve(actor: Actor, now: Date, reopenAfterSeconds: number | null, only?: number): Decide {
  const reopensAt = reopenAfterSeconds === null ? null : new Date(now.getTime() + reopenAfterSeconds * 1000)
  return (incident) => {
    const meant = meantAlerts(incident, only)
    if (meant.length === 0) return unknownAlert(incident, only)
    const open = meant.filter((alert) => alert.state !== 'RESOLVED')
    if (open.length === 0) return refuse({ ...incident, alerts: meant as Incident['alerts'] }, now)
    const alerts = open.map((alert): Alert => ({
      ...alert,
      state: 'RESOLVED',
      resolvedAt: now,
      resolvedBy: actor,
    }))
    return {
      kind: 'changed',
      alerts,
      closes: { reopensAt },
      entry: {
        at: now,
        actor,
        kind: 'resolved',
        details: {
          ...(reopensAt && { reopensAt: reopensAt.toISOString() }),
          ...aboutOne(incident, meant),
        },
      },
    }
  }
}

function meantAlerts({ alerts }: Incident, only: number | undefined): readonly Alert[] {
  return only === undefined ? alerts : alerts.slice(only - 1, only)
}

function unknownAlert({ number, alerts }: Incident, only = 0): Decision {
  const has = alerts.length === 1 ? 'has one alert' : `has ${alerts.length} alerts`
  return { kind: 'refused', because: `There is no #${number}.${only}: #${number} ${has}.` }
}

function aboutOne({ alerts }: Incident, meant: readonly Alert[]): TimelineEntry['details'] {
  const [first] = meant
  return first && meant.length < alerts.length ? { about: first.title } : {}
}

interface SilenceRequest {
  readonly id: string
  readonly until: Date
  readonly reason: string
}

export function silence(actor: Actor, now: Date, request: SilenceRequest): Decide {
  return (incident) => {
    if (incidentView(incident) === 'RESOLVED') return refuse(incident, now)
    const details = {
      until: request.until.toISOString(),
      ...(request.reason !== '' && { reason: request.reason }),
    }
    return {
      kind: 'changed',
      alerts: [],
      entry: { at: now, actor, kind: 'silenced', details },
      silence: {
        id: request.id,
        environment: incident.environment,
        matchers: [checksOf(incident)],
        startsAt: now,
        endsAt: request.until,
        reason: request.reason,
        createdBy: actor,
        incidentId: incident.id,
      },
    }
  }
}

function checksOf({ alerts }: Incident): Matcher {
  const ids = [...new Set(alerts.filter(({ state }) => state !== 'RESOLVED').map(({ checkId }) => checkId))]
  return ids.length === 1
    ? { name: 'check', operator: '=', value: ids.join() }
    : { name: 'check', operator: '=~', value: ids.join('|') }
}

/** Says who was faster, or that it is over: the two things a person with a stale button needs to hear. */
function refuse(incident: Incident, now: Date): Decision {
  const alert = worstAlert(incident)
  const name = `#${incident.number}`
  if (alert.state === 'RESOLVED') {
    const how = alert.resolvedBy
      ? `${actorName(alert.resolvedBy)} resolved ${name}`
      : `${name} cleared by itself`
    const because = `Nothing to do: ${how}${since(alert.resolvedAt, now)}.${standing(incident)}`
    return { kind: 'refused', because }
  }
  const who = alert.acknowledgedBy ? actorName(alert.acknowledgedBy) : 'someone'
  return { kind: 'refused', because: `Already acknowledged by ${who}${since(alert.acknowledgedAt, now)}.` }
}

function standing({ stillFails }: Incident): string {
  if (!stillFails) return ''
  const { reopensAt } = stillFails
  return reopensAt
    ? ` It opens again at ${plainTime(reopensAt.toISOString())} if it still fails.`
    : ' It still fails: it stays closed until it clears once.'
}

function since(at: Date | null, now: Date): string {
  if (!at) return ''
  const seconds = (now.getTime() - at.getTime()) / 1000
  return seconds < 86_400 ? ` ${formatDuration(seconds)} ago` : ` on ${plainTime(at.toISOString())}`
}
