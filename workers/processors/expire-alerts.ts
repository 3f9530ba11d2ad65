import { holdIntake } from '#db/repositories/batches.ts'
import { forgetPostedAlerts, listOverdueAlerts, markOver } from '#db/repositories/posted-alerts.ts'
import { findPulse } from '#db/repositories/pulses.ts'
import { alertEvent, alertRepeatSeconds } from '#engine/intake/alertmanager-event.ts'
import { isSilenceMeaningful } from '#engine/outage.ts'
import type { Drainer } from './drain.ts'
import { takeIn } from './take-in.ts'

const mostAtOnce = 1000
/** Prometheus goes on saying "resolved" for a quarter of an hour. */
const rememberedMs = 3_600_000

/** An alert whose end passes without being posted again has resolved; nobody else will say so. */
export async function expireAlerts(hands: Drainer): Promise<void> {
  await resolveOverdue(hands)
  await forgetPostedAlerts(hands.db, new Date(hands.clock().getTime() - rememberedMs))
}

/** False: whoever could not reach us had no chance to say that it goes on, so nothing has ended yet. */
export async function resolveOverdue(hands: Drainer): Promise<boolean> {
  if (!isSilenceMeaningful(await findPulse(hands.db), hands.clock())) return false
  while (await expireSome(hands)) continue
  return true
}

async function expireSome({ db, announce, clock, settings }: Drainer): Promise<boolean> {
  const now = clock()
  if ((await listOverdueAlerts(db, now, 1)).length === 0) return false
  const notificationIds = await db.transaction(async (tx) => {
    await holdIntake(tx)
    const overdue = await listOverdueAlerts(tx, now, mostAtOnce)
    const events = overdue.map(({ alert, environment }) =>
      alertEvent(alert, { environment, now, repeatFailureDelaySeconds: alertRepeatSeconds }),
    )
    const taken = await takeIn(tx, events, now, settings)
    for (const [environment, ended] of Map.groupBy(overdue, (one) => one.environment)) {
      await markOver(
        tx,
        environment,
        ended.map(({ alert }) => alert.fingerprint),
      )
    }
    return taken.notificationIds
  })
  await announce(notificationIds)
  return true
}
