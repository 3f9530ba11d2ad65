import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckMemory, MaintenanceWindow } from './check-memory.ts'

export type MaintenanceChange =
  | { readonly kind: 'changed'; readonly memory: CheckMemory }
  | { readonly kind: 'refused'; readonly because: string }

export function isInScheduledMaintenance(memory: CheckMemory, now: EpochSeconds): boolean {
  return memory.scheduledMark !== null && now < memory.scheduledMark.endsAt
}

/** A window that starts in the second in which another one starts replaces it. */
export function scheduleMaintenance(
  memory: CheckMemory,
  window: MaintenanceWindow,
  now: EpochSeconds,
): MaintenanceChange {
  if (window.endsAt <= window.startsAt) {
    return {
      kind: 'refused',
      because: 'A maintenance must end after it starts; give a duration of at least one second.',
    }
  }
  const others = memory.scheduled.filter((known) => known.startsAt !== window.startsAt)
  return { kind: 'changed', memory: lookUpMark({ ...memory, scheduled: [...others, window] }, now) }
}

/** A running window is cut off now, a future one never happens, one that is over stays as it was. */
export function endScheduledMaintenance(
  memory: CheckMemory,
  startsAt: EpochSeconds,
  now: EpochSeconds,
): MaintenanceChange {
  if (!memory.scheduled.some((window) => window.startsAt === startsAt && now < window.endsAt)) {
    return { kind: 'refused', because: 'No running or future maintenance of this check starts at that time.' }
  }
  const scheduled = memory.scheduled.filter((window) => window.startsAt !== startsAt)
  return { kind: 'changed', memory: lookUpMark({ ...memory, scheduled }, now) }
}

/** For service events: whoever is not in a maintenance may have entered one since the last look. */
export function noticeScheduledMaintenance(memory: CheckMemory, now: EpochSeconds): CheckMemory {
  if (isInScheduledMaintenance(memory, now)) return memory
  if (memory.scheduled.length === 0 && memory.scheduledMark === null) return memory
  return lookUpMark(memory, now)
}

/** Of several open windows the one that started last is marked; when it ends, the next service event finds the others. */
function lookUpMark(memory: CheckMemory, now: EpochSeconds): CheckMemory {
  const scheduled = memory.scheduled.filter((window) => now < window.endsAt)
  const open = scheduled.filter((window) => window.startsAt <= now)
  const latest = open.reduce<MaintenanceWindow | null>(
    (found, window) => (found && found.startsAt > window.startsAt ? found : window),
    null,
  )
  return {
    ...memory,
    scheduled,
    scheduledMark: latest && { startsAt: latest.startsAt, endsAt: latest.endsAt },
  }
}
