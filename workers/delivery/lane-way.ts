import { disableDestination } from '#db/repositories/destinations.ts'
import { saveLaneHealth } from '#db/repositories/lanes.ts'
import type { Destination } from '#db/repositories/parcels.ts'
import { afterFailure, healthy, isGone, type LaneHealth } from '#engine/notify/lane-health.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import type { LaneHands } from './lane-hands.ts'
import type { LaneHold } from './lane-hold.ts'
import { openPacer } from './pacer.ts'
import type { Way } from './tell.ts'

/** The way to a destination, which remembers how it goes. */
export function openWay(
  destination: Destination,
  notifier: Notifier,
  hands: LaneHands & { readonly hold: LaneHold },
): Way {
  const { db, save, clock, dice, log, hold, dueAt } = hands
  const { id, name, surface } = destination
  const remember = async (health: LaneHealth) => {
    hold.health = health
    await saveLaneHealth(db, id, health)
  }
  return {
    notifier,
    save,
    clock,
    dice,
    took: (seconds) => hands.took?.(surface, seconds),
    pacer: openPacer(hands.paceOf(surface), hands.closing),
    stillOurs: () => hold.stillOurs(),
    worked: async () => {
      if (hold.health.troubledSince !== null) await remember(healthy)
    },
    failed: async (error, { givenUp, retryAt }) => {
      const told = { now: clock(), error: error.message, givenUp, dice: dice() }
      const health = afterFailure(hold.health, error, told)
      await remember(health)
      for (const at of [retryAt, health.resumeAt]) if (at) dueAt(id, at)
      const where = { err: error, destination: name, surface }
      if (retryAt) log.warn({ ...where, retryAt }, 'a notification will be tried again')
      else log.error(where, 'a notification could not be delivered')
      if (!isGone(health)) return
      log.error(where, 'a destination that is no more hears nothing from now on')
      await disableDestination(db, id)
    },
  }
}
