import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { environments } from '#db/schema/rules.ts'

export interface Environment {
  readonly slug: string
  readonly name: string
}

/** There is always one, so that a fresh house has somewhere to put its first rule. */
export const firstEnvironment: Environment = { slug: 'prod', name: 'Production' }

export async function ensureFirstEnvironment(db: Database): Promise<void> {
  await db.insert(environments).values(firstEnvironment).onConflictDoNothing()
}

export async function findEnvironment(db: Database, slug: string): Promise<Environment | undefined> {
  const [environment] = await db.select().from(environments).where(eq(environments.slug, slug))
  return environment
}
