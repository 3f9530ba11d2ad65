import type { Alert } from '#engine/alert.ts'
import type { Check, Flapping } from '#engine/check.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'

/** So many changes of state within the window, and a check is flapping; it stops when half of them have left the window. */
export interface FlappingSettings {
  readonly changes: number
  readonly windowSeconds: number
}

/** More are not counted: the memory of a check is small, whatever it does. */
export const mostChanges = 20

/** When its state changed, newest last; nothing is written where it did not. */
export function noteChange(before: Check, after: Check, settings: FlappingSettings): Check {
  const { lastChange } = after.memory
  const was = before.memory.lastChange
  if (!lastChange || !was || lastChange.state === was.state) return after
  const { at } = lastChange
  const isRecent = (change: EpochSeconds) => change > at - settings.windowSeconds && change <= at
  const changes = [...(before.memory.changes ?? []).filter(isRecent), at].slice(-mostChanges)
  return { ...after, memory: { ...after.memory, changes } }
}

/** As its newest change leaves it: flapping already, from now on, or not. Only what people were told of can flap. */
export function flappingAfter(
  check: Check,
  alert: Alert | undefined,
  settings: FlappingSettings,
): Flapping | null {
  const changes = check.memory.changes ?? []
  const known = check.flapping
  const last = changes.at(-1)
  if (last === undefined || (!known && changes.length < settings.changes)) return known
  const alertId = known?.alertId ?? (alert && alert.state !== 'PENDING' ? alert.id : undefined)
  if (alertId === undefined) return null
  const enough = Math.floor(settings.changes / 2)
  const leaves = changes.at(-1 - enough) ?? last
  return {
    alertId,
    changes: changes.length,
    windowSeconds: settings.windowSeconds,
    until: leaves + settings.windowSeconds,
  }
}

export function hasStoppedFlapping({ flapping }: Check, now: EpochSeconds): boolean {
  if (!flapping) return false
  // The clock was set back: what seems to lie ahead is no reason to go on.
  return flapping.until <= now || flapping.until > now + 2 * flapping.windowSeconds
}
