import { randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { people } from '#db/schema/people.ts'
import type { Person, Role, Surface } from '#engine/person.ts'

export interface Met {
  readonly surface: Surface
  readonly tenant: string
  readonly externalId: string
  readonly name: string
  readonly role: Role
}

/** Finds or makes the person behind an identity; the role is the one its platform grants today, not a remembered one. */
export async function meetPerson(db: Database, met: Met, now: Date): Promise<Person> {
  const [row] = await db
    .insert(people)
    .values({ ...met, id: randomUUID(), lastSeenAt: now })
    .onConflictDoUpdate({
      target: [people.surface, people.tenant, people.externalId],
      set: { name: met.name, role: met.role, lastSeenAt: now },
    })
    .returning()
  if (!row) throw new Error('a person was neither found nor made')
  return { kind: 'person', id: row.id, name: row.name, surface: row.surface, role: row.role }
}
