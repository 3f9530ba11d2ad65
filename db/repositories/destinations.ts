import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { destinations } from '#db/schema/notifications.ts'
import type { Surface } from '#engine/person.ts'

export interface Destination {
  readonly surface: Surface
  readonly key: string
  readonly name: string
  readonly address: Readonly<Record<string, string>>
}

export async function rememberDestination(db: Database, destination: Destination): Promise<void> {
  const { name, address } = destination
  await db
    .insert(destinations)
    .values({ ...destination, id: randomUUID(), active: true })
    .onConflictDoUpdate({
      target: [destinations.surface, destinations.key],
      set: { name, address, active: true },
    })
}

/** Kept, but told nothing more: its receipts and its history stay readable. */
export async function forgetDestination(db: Database, surface: Surface, key: string): Promise<void> {
  await db
    .update(destinations)
    .set({ active: false })
    .where(and(eq(destinations.surface, surface), eq(destinations.key, key)))
}
