import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { entities } from '#db/schema/entities.ts'
import { discoverEntities } from './entities.ts'

const isEnabled = sql`(${checks.memory} ->> 'isEnabled')::boolean`
const isFailing = sql`${isEnabled} and ${checks.memory} #>> '{lastChange,state}' <> 'ok'`

/** Watched ones, and those of them that fail. */
export async function countChecks(db: Database, environment: string) {
  const [row] = await db
    .select({
      all: sql<number>`count(*) filter (where ${isEnabled})::int`,
      failing: sql<number>`count(*) filter (where ${isFailing})::int`,
    })
    .from(checks)
    .where(sql`${checks.environment} = ${environment}`)
  return row ?? { all: 0, failing: 0 }
}

/** All that are known, those with a watched check, and those with one that fails. */
export async function countEntities(db: Database, environment: string) {
  await discoverEntities(db)
  const entity = entityOfKey(checks)
  const [row] = await db
    .select({
      enabled: sql<number>`(count(distinct ${entity}) filter (where ${isEnabled}))::int`,
      failing: sql<number>`(count(distinct ${entity}) filter (where ${isFailing}))::int`,
    })
    .from(checks)
    .where(sql`${checks.environment} = ${environment}`)
  return { all: await db.$count(entities), ...(row ?? { enabled: 0, failing: 0 }) }
}
