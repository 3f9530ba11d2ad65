import { eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { contactLinks } from '#db/schema/contacts.ts'
import { entities } from '#db/schema/entities.ts'

/** The special entity: who is linked to it hears of everything. */
export const everything = 'ALL'

/**
 * Entities that only events, rules and links know of get an id here, when somebody asks about entities, so that taking in
 * an event costs nothing for it. To be called before entities are looked up. `except` and not `not exists`: the server would look
 * for each of many new ones among all that it is just writing.
 */
export async function discoverEntities(db: Database): Promise<void> {
  await db.execute(sql`
    with named as (
      select ${entityOfKey(checks)} as key from ${checks}
      union
      select ${contactLinks.subject} from ${contactLinks} where ${contactLinks.leadsTo} = 'entity'
      except
      select ${entities.key} from ${entities}
    )
    insert into ${entities} (id, key, name, tags)
    select gen_random_uuid()::text, key, key, '[]'::jsonb from named where key <> ''
    union all
    select ${everything}, ${everything.toLowerCase()}, ${everything}, '[]'::jsonb
    where not exists (select from ${entities} known where known.id = ${everything})
    on conflict do nothing`)
}

/** The key of the entity that a link leads to; links to a single check lead to none. */
export const entityOfLink: SQL<string> = sql`case ${contactLinks.leadsTo}
  when 'all' then ${everything.toLowerCase()} when 'entity' then ${contactLinks.subject} end`

/** Entities that have checks in this environment, in lower case. */
export async function listEntityNames(db: Database, environment: string): Promise<string[]> {
  const rows = await db
    .selectDistinct({ name: entityOfKey(checks) })
    .from(checks)
    .where(eq(checks.environment, environment))
  return rows.map(({ name }) => name)
}
