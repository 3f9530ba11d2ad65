import { asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { mappings } from '#db/schema/intake.ts'
import type { Mapping } from '#engine/intake/mapping.ts'

export interface NamedMapping {
  readonly name: string
  readonly mapping: Mapping
  readonly updatedAt: Date
}

export async function listMappings(db: Database): Promise<NamedMapping[]> {
  return db.select().from(mappings).orderBy(asc(mappings.name))
}

export async function loadMapping(db: Database, name: string): Promise<NamedMapping> {
  const [row] = await db.select().from(mappings).where(eq(mappings.name, name))
  if (!row) throw new NotFound(`mapping "${name}"`)
  return row
}

/** Creates or replaces it; true when there was none of that name. */
export async function saveMapping(
  db: Database,
  { name, mapping, updatedAt }: NamedMapping,
): Promise<boolean> {
  const [saved] = await db
    .insert(mappings)
    .values({ name, mapping, updatedAt })
    .onConflictDoUpdate({ target: mappings.name, set: { mapping, updatedAt } })
    // A row that no transaction ever replaced.
    .returning({ isNew: sql<boolean>`xmax = 0` })
  return saved?.isNew ?? false
}

/** False when there is none of that name. */
export async function removeMapping(db: Database, name: string): Promise<boolean> {
  const removed = await db.delete(mappings).where(eq(mappings.name, name)).returning({ name: mappings.name })
  return removed.length > 0
}
