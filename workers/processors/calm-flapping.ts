import { listCalmed } from '#db/repositories/checks.ts'
import { stillFailing } from '#engine/advance/still-failing.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Drainer } from './drain.ts'
import { takeIn } from './take-in.ts'

const mostAtOnce = 1000
/** Whether it has failed for long enough to be told is not ours to say: its source knows its delay. */
const notNews = 100 * 365 * 86_400

/** What was flapping and has not changed for a while has stopped, and nobody else may come to say so. */
export async function calmFlapping({
  db,
  announce,
  clock,
  settings,
}: Pick<Drainer, 'db' | 'announce' | 'clock' | 'settings'>): Promise<void> {
  const now = clock()
  const events = (await listCalmed(db, epochSeconds(now), mostAtOnce)).flatMap(({ check, alert }) => {
    const state = check.memory.lastChange?.state
    if (state === undefined) return []
    return [{ ...stillFailing(check, alert, state), initialFailureDelaySeconds: notNews }]
  })
  const { notificationIds, outgoing } = await takeIn(db, events, now, settings)
  await announce(notificationIds, outgoing)
}
