import { listHeldTillNow } from '#db/repositories/notifications.ts'
import { turnSilences } from '#db/repositories/silence-turns.ts'
import { releaseUninhibited } from '#db/repositories/uninhibited.ts'
import type { Hands } from '#workers/hands.ts'
import { followMaintenances } from './follow-maintenances.ts'

type Follower = Pick<Hands, 'db' | 'announce' | 'clock' | 'settings'>

/** Whatever kept people from hearing and is over, or has begun: it is announced, and what it held is looked at again. */
export async function followQuiet({ db, announce, clock, settings }: Follower): Promise<void> {
  await announce(await turnSilences(db, clock()))
  await announce(await followMaintenances(db, clock(), settings))
  await announce(await releaseUninhibited(db, clock()))
  await announce(await listHeldTillNow(db, clock()))
}
