import { followWatch, listDueWatches } from '#db/repositories/watches.ts'
import type { Hands } from '#workers/hands.ts'

const mostAtOnce = 200

/** Whatever is due for incidents nobody has acted on, and for acknowledgements nobody followed up on. */
export async function watchIncidents({
  db,
  announce,
  clock,
  settings,
}: Pick<Hands, 'db' | 'announce' | 'clock' | 'settings'>): Promise<void> {
  const now = clock()
  for (const number of await listDueWatches(db, now, mostAtOnce))
    await announce(await followWatch(db, number, { now, settings }))
}
