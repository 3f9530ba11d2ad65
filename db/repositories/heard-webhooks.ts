import { and, eq, lt } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { incidents } from '#db/schema/alerts.ts'
import { heardWebhooks } from '#db/schema/heard-webhooks.ts'
import { destinations, receipts } from '#db/schema/notifications.ts'

interface HeardEvent {
  readonly connectionId: string
  readonly eventId: string
}

/** Longer than any vendor's event is listened to. */
const keptMs = 48 * 3600_000

export async function hasHeardWebhook(db: Database, { connectionId, eventId }: HeardEvent): Promise<boolean> {
  const same = and(eq(heardWebhooks.connectionId, connectionId), eq(heardWebhooks.eventId, eventId))
  return (await db.$count(heardWebhooks, same)) > 0
}

export async function rememberWebhook(db: Database, event: HeardEvent, now: Date): Promise<void> {
  await db
    .insert(heardWebhooks)
    .values({ ...event, heardAt: now })
    .onConflictDoNothing()
  await db.delete(heardWebhooks).where(lt(heardWebhooks.heardAt, new Date(now.getTime() - keptMs)))
}

/** The number of an incident that this connection has been told of; nobody speaks about others through it. */
export async function findToldIncident(
  db: Database,
  incidentId: string,
  connectionId: string,
): Promise<number | undefined> {
  const [found] = await db
    .select({ number: incidents.number })
    .from(incidents)
    .innerJoin(receipts, eq(receipts.incidentId, incidents.id))
    .innerJoin(destinations, eq(destinations.id, receipts.destinationId))
    .where(and(eq(incidents.id, incidentId), eq(destinations.key, connectionId)))
  return found?.number
}
