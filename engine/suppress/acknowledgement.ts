import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckMemory, MaintenanceWindow } from './check-memory.ts'

export function isInUnscheduledMaintenance(memory: CheckMemory, now: EpochSeconds): boolean {
  return memory.unscheduled !== null && now < memory.unscheduled.endsAt
}

/** Failing, and nobody has said that they have it in hand. */
export function isUnacknowledgedFailing(memory: CheckMemory, now: EpochSeconds): boolean {
  return (
    memory.lastChange !== null && memory.lastChange.state !== 'ok' && !isInUnscheduledMaintenance(memory, now)
  )
}

/** The newest acknowledgement replaces the one before it, also when it ends sooner. */
export function acknowledge(memory: CheckMemory, unscheduled: MaintenanceWindow): CheckMemory {
  return { ...memory, unscheduled }
}

export function endUnscheduledMaintenance(memory: CheckMemory): CheckMemory {
  return memory.unscheduled === null ? memory : { ...memory, unscheduled: null }
}
