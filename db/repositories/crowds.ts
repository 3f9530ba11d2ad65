import { and, eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { crowdMembers } from '#db/schema/contacts.ts'
import { changeRouting } from './change-routing.ts'
import { requireContacts } from './contact-directory.ts'
import { type Crowd, type CrowdKind, refuseWhileNamed } from './contacts-in-use.ts'
import { listRulesFor } from './rule-targets.ts'

/** These and nobody else. Throws NotFound for contacts. */
export async function putCrowd(db: Database, kind: CrowdKind, { name, members }: Crowd): Promise<void> {
  await changeRouting(db, async (tx) => {
    await requireContacts(tx, members)
    await tx.delete(crowdMembers).where(isIt(kind, name))
    await tx
      .insert(crowdMembers)
      .values([...new Set(members)].map((contactId) => ({ kind, name, contactId })))
  })
}

/** Throws NotFound; and Conflict while a rule is for it, which nobody would hear of then. */
export async function deleteCrowd(db: Database, kind: CrowdKind, name: string): Promise<void> {
  await changeRouting(db, async (tx) => {
    const gone = await tx.delete(crowdMembers).where(isIt(kind, name)).returning({ name: crowdMembers.name })
    if (gone.length === 0) throw new NotFound(`${kind.toLowerCase()} ${JSON.stringify(name)}`)
    refuseWhileNamed(`The ${kind.toLowerCase()} ${name}`, await listRulesFor(tx, kind, name))
  })
}

function isIt(kind: CrowdKind, name: string) {
  return and(eq(crowdMembers.kind, kind), eq(crowdMembers.name, name))
}
