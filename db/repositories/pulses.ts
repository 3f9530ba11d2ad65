import { eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { pulses } from '#db/schema/intake.ts'
import { type Pulse, silentMs } from '#engine/outage.ts'

/** All doors of a deployment are one: whoever finds one of them open can be heard. */
const doors = 'doors'

export async function beatPulse(db: Database, now: Date): Promise<void> {
  const wasSilent = sql`excluded.beat_at - ${pulses.beatAt} > ${silentMs} * interval '1 millisecond'`
  await db
    .insert(pulses)
    .values({ part: doors, beatAt: now, backAt: null })
    .onConflictDoUpdate({
      target: pulses.part,
      set: {
        beatAt: now,
        backAt: sql`case when ${wasSilent} then excluded.beat_at else ${pulses.backAt} end`,
      },
    })
}

export async function findPulse(db: Database): Promise<Pulse | undefined> {
  const [row] = await db.select().from(pulses).where(eq(pulses.part, doors))
  return row
}
