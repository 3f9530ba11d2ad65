import { firstEnvironment } from '#db/repositories/environments.ts'
import { forgetFlood, listFloods } from '#db/repositories/floods.ts'
import { floodEvent, isFloodOver } from '#engine/intake/flood-event.ts'
import type { Drainer } from './drain.ts'
import { takeIn } from './take-in.ts'

/** A source that floods is told of by its name, once, and again when it has stopped. */
export async function watchFloods({
  db,
  announce,
  clock,
  settings,
}: Pick<Drainer, 'db' | 'announce' | 'clock' | 'settings'>): Promise<void> {
  const now = clock()
  const floods = await listFloods(db)
  if (floods.length === 0) return
  const events = floods.map((flood) => floodEvent(firstEnvironment.slug, flood, now))
  const { notificationIds } = await takeIn(db, events, now, settings)
  await announce(notificationIds)
  for (const flood of floods.filter((one) => isFloodOver(one, now))) await forgetFlood(db, flood)
}
