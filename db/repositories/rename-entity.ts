import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict } from '#db/errors.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { told } from '#db/schema/contact-alerts.ts'
import { contactLinks } from '#db/schema/contacts.ts'
import { entities } from '#db/schema/entities.ts'
import { lockChecks } from './checks.ts'
import { everything } from './entities.ts'

/**
 * Its checks, its links and what contacts were told of it go along, so that events under the new name go on where those
 * under the old one ended. To be called with the routing held, and with a name that no other entity has.
 */
export async function renameEntity(
  tx: Database,
  { id, key }: Pick<typeof entities.$inferSelect, 'id' | 'key'>,
  name: string,
): Promise<void> {
  if (id === everything) throw new Conflict(`The entity ${everything} cannot be renamed.`)
  const renamed = name.toLowerCase()
  await tx.update(entities).set({ name, key: renamed }).where(eq(entities.id, id))
  if (renamed === key) return
  await lockChecks(tx, eq(entityOfKey(checks), key))
  await tx
    .update(checks)
    .set({ entity: name, key: sql`${renamed} || ':' || ${checks.name}` })
    .where(eq(entityOfKey(checks), key))
  await tx.execute(sql`
    update ${told} set check_key = ${checks.key} from ${checks}
    where ${entityOfKey(checks)} = ${renamed} and ${told.environment} = ${checks.environment}
      and ${told.checkKey} = ${key} || ':' || ${checks.name}`)
  await tx.execute(sql`
    update ${contactLinks} set subject = ${renamed} || substr(subject, ${key.length + 1})
    where leads_to = 'check' and starts_with(subject, ${`${key}:`})`)
  await tx
    .update(contactLinks)
    .set({ subject: renamed })
    .where(and(eq(contactLinks.leadsTo, 'entity'), eq(contactLinks.subject, key)))
}
