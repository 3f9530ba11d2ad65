import { formatDuration } from '#engine/duration.ts'
import { mostFailingChecks } from './named-checks.ts'
import { type HealthEvent, serviceEvent } from '#engine/event.ts'

/** A source that was turned away because it sends more than it may. */
export interface Flood {
  /** Who and where: `token ci at /api/v1/events`. */
  readonly source: string
  readonly beganAt: Date
  readonly lastAt: Date
  /** Requests that were answered 429. */
  readonly requests: number
}

const listPrefix = 'list of Redis '

/** Everybody who writes events to this list of Redis. */
export function listSource(queue: string): string {
  return `${listPrefix}${queue}`
}

const platform = 'tocsin'
const checkPrefix = 'flood of '
/** Senders wait as they are told, and come again: it is over when they have come and were let in. */
const calmMs = 2 * 60_000

export function isFloodCheck(event: { readonly entity: string; readonly check: string }): boolean {
  return event.entity.toLowerCase() === platform && event.check.startsWith(checkPrefix)
}

export function isFloodOver({ lastAt }: Flood, now: Date): boolean {
  return now.getTime() - lastAt.getTime() > calmMs
}

/** The one platform alert about a source. */
export function floodEvent(environment: string, flood: Flood, now: Date): HealthEvent {
  const { source } = flood
  const isOver = isFloodOver(flood, now)
  return serviceEvent({
    environment,
    entity: platform,
    check: `${checkPrefix}${source}`,
    title: `${source} sends more than it may`,
    state: isOver ? 'ok' : 'critical',
    at: now,
    summary: isOver ? `${source} sends no more than it may.` : tooMuch(flood, now),
    labels: { environment, app: 'tocsin', source },
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 3600,
  })
}

function tooMuch({ source, beganAt, requests }: Flood, now: Date): string {
  const lasted = formatDuration(Math.max(1, (now.getTime() - beganAt.getTime()) / 1000))
  if (source.startsWith(listPrefix))
    return `The ${source} has brought more events than TOCSIN_SOURCE_QUOTA allows one source for ${lasted}. Nothing is lost: what is too much waits in Redis, which grows with it, and all that comes by this list comes late. Find out who writes so much to it.`
  return `${source} was turned away ${requests === 1 ? 'once' : `${requests} times`} within ${lasted}: it sends more events than TOCSIN_SOURCE_QUOTA allows one source, or names more than ${mostFailingChecks} different checks that fail within an hour. What was accepted is kept; what was answered 429 or refused is not. Find out what it repeats, or puts into names.`
}
