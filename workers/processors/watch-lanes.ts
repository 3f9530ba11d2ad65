import { firstEnvironment } from '#db/repositories/environments.ts'
import { listWatchedLanes } from '#db/repositories/watched-lanes.ts'
import { laneEvent } from '#engine/notify/lane-event.ts'
import type { Drainer } from './drain.ts'
import { takeIn } from './take-in.ts'

/** A message that was given up is told to everybody else, once for each destination. */
export async function watchLanes({
  db,
  announce,
  clock,
  settings,
}: Pick<Drainer, 'db' | 'announce' | 'clock' | 'settings'>): Promise<void> {
  const now = clock()
  const lanes = await listWatchedLanes(db)
  if (lanes.length === 0) return
  const events = lanes.map((lane) => laneEvent(firstEnvironment.slug, lane, now))
  const { notificationIds, outgoing } = await takeIn(db, events, now, settings)
  await announce(notificationIds, outgoing)
}
