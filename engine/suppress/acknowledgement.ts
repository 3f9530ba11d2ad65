import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import { type CheckEvent, isWorse, severity } from '#engine/event.ts'
import type { Acknowledgement, CheckMemory } from './check-memory.ts'

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
export function acknowledge(memory: CheckMemory, unscheduled: Acknowledgement): CheckMemory {
  return { ...memory, unscheduled }
}

export function endUnscheduledMaintenance(memory: CheckMemory): CheckMemory {
  return memory.unscheduled === null ? memory : { ...memory, unscheduled: null }
}

/** A worse state is news even to the person who acknowledged the milder one. */
export function endIfOutgrown(memory: CheckMemory, event: CheckEvent): CheckMemory {
  const upTo = memory.unscheduled?.upTo
  if (upTo === undefined || event.kind !== 'service' || event.state === 'ok') return memory
  return isWorse(severity(event.state), upTo) ? endUnscheduledMaintenance(memory) : memory
}
