import { and, eq, gt, lte } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { silences } from '#db/schema/suppressions.ts'
import type { Silence } from '#engine/suppress/silence.ts'

export async function saveSilence(db: Database, silence: Silence): Promise<void> {
  await db.insert(silences).values(silence)
}

export async function listSilencesInForce(db: Database, environment: string, now: Date): Promise<Silence[]> {
  return db
    .select()
    .from(silences)
    .where(and(eq(silences.environment, environment), lte(silences.startsAt, now), gt(silences.endsAt, now)))
}
