import type { Actor } from '#engine/person.ts'
import type { SilenceState } from './silence-schedule.ts'

/** In force over [startsAt, endsAt). */
interface Times {
  readonly startsAt: Date
  readonly endsAt: Date
}

/** A scheduled maintenance of one or many checks, as people speak of it. */
export interface PlannedMaintenance extends Times {
  readonly id: string
  readonly environment: string
  readonly summary: string | null
  /** null = an event. */
  readonly createdBy: Actor | null
  /** The first few of its checks, and how many there are. */
  readonly checks: readonly { readonly entity: string; readonly name: string }[]
  readonly checkCount: number
  readonly entityCount: number
}

export function maintenanceState({ startsAt, endsAt }: Times, now: Date): SilenceState {
  if (endsAt <= now) return 'expired'
  return startsAt <= now ? 'active' : 'pending'
}

/** When its state changes next; undefined = never again. */
export function nextMaintenanceTurn(times: Times, now: Date): Date | undefined {
  const state = maintenanceState(times, now)
  if (state === 'expired') return undefined
  return state === 'pending' ? times.startsAt : times.endsAt
}

/** `db-1:disk, db-1:load`, `db-1 (7 checks)`, `12 checks of 5 entities`. */
export function maintenanceName({ checks, checkCount, entityCount }: PlannedMaintenance): string {
  if (checkCount <= Math.min(3, checks.length))
    return checks.map(({ entity, name }) => `${entity}:${name}`).join(', ')
  if (entityCount === 1) return `${checks[0]?.entity ?? ''} (${checkCount} checks)`
  return `${checkCount} checks of ${entityCount} entities`
}
