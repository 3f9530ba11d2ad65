import { listDueReopenings } from '#db/repositories/checks.ts'
import { stillFailing } from '#engine/advance/still-failing.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Drainer } from './drain.ts'
import { takeIn } from './take-in.ts'

/** What a maintenance keeps closed beyond its time is among them on every look, and must leave room for others. */
const mostAtOnce = 5000

/** What was closed by hand fails on, and its source will not say so again: nobody else opens it. */
export async function reopenClosed({
  db,
  announce,
  clock,
  settings,
}: Pick<Drainer, 'db' | 'announce' | 'clock' | 'settings'>): Promise<void> {
  const now = clock()
  const due = await listDueReopenings(db, epochSeconds(now), mostAtOnce)
  const events = due.flatMap(({ check, alert }) => {
    const state = check.memory.lastChange?.state
    return state === undefined ? [] : [stillFailing(check, alert, state)]
  })
  const { notificationIds, outgoing } = await takeIn(db, events, now, settings)
  await announce(notificationIds, outgoing)
}
