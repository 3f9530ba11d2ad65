import { asc, eq } from 'drizzle-orm'
import { type Database, sqlState } from '#db/client.ts'
import { Conflict, NotFound } from '#db/errors.ts'
import { apiTokens } from '#db/schema/tokens.ts'
import type { Caller } from '#engine/api-access.ts'

export type ApiToken = typeof apiTokens.$inferSelect

export async function listApiTokens(db: Database): Promise<ApiToken[]> {
  return db.select().from(apiTokens).orderBy(asc(apiTokens.name))
}

/** Throws Conflict where the name is taken. */
export async function insertApiToken(db: Database, token: ApiToken): Promise<void> {
  try {
    await db.insert(apiTokens).values(token)
  } catch (error) {
    if (sqlState(error) !== '23505') throw error
    throw new Conflict(
      `There is a token called ${JSON.stringify(token.name)} already: revoke it, or choose another name.`,
    )
  }
}

/** From the next request on it opens nothing. Throws NotFound. */
export async function revokeApiToken(db: Database, id: string): Promise<void> {
  const gone = await db.delete(apiTokens).where(eq(apiTokens.id, id)).returning({ id: apiTokens.id })
  if (gone.length === 0) throw new NotFound(`token ${id}`)
}

/** Whose token has this hash. */
export async function findCaller(db: Database, hash: string): Promise<Caller | undefined> {
  const [row] = await db
    .select({ name: apiTokens.name, role: apiTokens.role, environments: apiTokens.environments })
    .from(apiTokens)
    .where(eq(apiTokens.hash, hash))
  return row
}
