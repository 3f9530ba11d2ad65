import { inArray, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { contacts } from '#db/schema/contacts.ts'
import { people } from '#db/schema/people.ts'

/** Of these ids the ones somebody is known by: a contact's id, a person's id, or the name a person has in a chat. */
export async function listKnownTargets(db: Database, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const wanted = [...ids]
  const personId = sql<string>`${people.id}::text`
  const [known, met] = await Promise.all([
    db.select({ id: contacts.id }).from(contacts).where(inArray(contacts.id, wanted)),
    db
      .select({ id: personId, name: people.name })
      .from(people)
      .where(or(inArray(personId, wanted), inArray(people.name, wanted))),
  ])
  return new Set([...known.map(({ id }) => id), ...met.flatMap(({ id, name }) => [id, name])])
}
