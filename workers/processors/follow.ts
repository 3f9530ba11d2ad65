import type { Database } from '#db/client.ts'
import { turnSilences } from '#db/repositories/silence-turns.ts'
import { releaseUninhibited } from '#db/repositories/uninhibited.ts'
import type { Hands } from '#workers/hands.ts'
import { followMaintenances } from './follow-maintenances.ts'

type Follower = Pick<Hands, 'db' | 'announce' | 'clock'>

const steps: readonly ((db: Database, now: Date) => Promise<readonly string[]>)[] = [
  turnSilences,
  followMaintenances,
  releaseUninhibited,
]

/** Whatever kept people from hearing and is over, or has begun: it is announced, and what it held is looked at again. */
export async function followQuiet({ db, announce, clock }: Follower): Promise<void> {
  for (const step of steps) await announce(await step(db, clock()))
}
