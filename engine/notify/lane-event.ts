import { type HealthEvent, serviceEvent } from '#engine/event.ts'
import type { Medium } from '#engine/medium.ts'
import { isProbing, type LaneHealth } from './lane-health.ts'

/** The label by which an alert says which destination it is about; that one is no place to say so. */
export const destinationLabel = 'destination'

export interface WatchedLane {
  readonly destinationId: string
  readonly surface: Medium
  readonly name: string
  readonly health: LaneHealth
  /** Notifications that are to be tried again. */
  readonly waiting: number
}

/** Somebody misses messages: some were given up, or none has got through for so long that it is no bad luck. */
export function isTroubled(health: LaneHealth): boolean {
  return health.undelivered > 0 || isProbing(health)
}

const platform = 'tocsin'
const checkPrefix = 'delivery '

export function isLaneCheck(event: { readonly entity: string; readonly check: string }): boolean {
  return event.entity.toLowerCase() === platform && event.check.startsWith(checkPrefix)
}

/** The one platform alert about a destination; it is over when something got through. */
export function laneEvent(environment: string, lane: WatchedLane, at: Date): HealthEvent {
  const { destinationId, surface, name, health } = lane
  const place = `${surface.charAt(0).toUpperCase()}${surface.slice(1)} ${name}`
  return serviceEvent({
    environment,
    entity: platform,
    check: `${checkPrefix}${destinationId}`,
    title: `${place} cannot be reached`,
    state: isTroubled(health) ? 'critical' : 'ok',
    at,
    summary: isTroubled(health) ? loss(place, lane) : `${place} is told again.`,
    labels: { environment, app: 'tocsin', [destinationLabel]: destinationId },
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 3600,
  })
}

function loss(place: string, { health, waiting }: WatchedLane): string {
  const { undelivered, lastError } = health
  const parts = [
    ...(undelivered > 0 ? [`${messages(undelivered)} not delivered`] : []),
    ...(waiting > 0 ? [`${waiting} to be tried again`] : []),
  ]
  return `${place} cannot be reached${parts.length > 0 ? `: ${parts.join(', ')}` : ''}. ${lastError ?? ''}`.trim()
}

function messages(count: number): string {
  return count === 1 ? '1 message was' : `${count} messages were`
}
