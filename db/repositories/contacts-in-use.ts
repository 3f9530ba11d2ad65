import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict } from '#db/errors.ts'
import { crowdMembers } from '#db/schema/contacts.ts'
import type { CrowdMember } from '#engine/route/targets.ts'
import { listRulesFor } from './rule-targets.ts'

export interface Crowd {
  readonly name: string
  readonly members: readonly string[]
}

export type CrowdKind = CrowdMember['kind']

export async function listCrowdMembers(db: Database): Promise<CrowdMember[]> {
  return db.select().from(crowdMembers).orderBy(asc(crowdMembers.contactId))
}

/** By name, each with its members by id. */
export async function listCrowds(db: Database, kind: CrowdKind, name?: string): Promise<Crowd[]> {
  const rows = await db
    .select()
    .from(crowdMembers)
    .where(and(eq(crowdMembers.kind, kind), name === undefined ? undefined : eq(crowdMembers.name, name)))
    .orderBy(asc(crowdMembers.name), asc(crowdMembers.contactId))
  const crowds = Map.groupBy(rows, (row) => row.name)
  return [...crowds].map(([called, some]) => ({
    name: called,
    members: some.map(({ contactId }) => contactId),
  }))
}

/** Throws Conflict where a rule is for one of these contacts, or for a group or a role that nobody else is in. */
export async function refuseToLose(tx: Database, contactIds: readonly string[]): Promise<void> {
  const theirs = await tx
    .selectDistinct({ kind: crowdMembers.kind, name: crowdMembers.name })
    .from(crowdMembers)
    .where(inArray(crowdMembers.contactId, [...contactIds]))
  for (const id of contactIds) refuseWhileNamed(`The contact ${id}`, await listRulesFor(tx, 'USER', id))
  for (const { kind, name } of theirs) {
    const [crowd] = await listCrowds(tx, kind, name)
    if (crowd?.members.every((id) => contactIds.includes(id)))
      refuseWhileNamed(
        `The ${kind.toLowerCase()} ${name}, of which nobody would be left,`,
        await listRulesFor(tx, kind, name),
      )
  }
}

export function refuseWhileNamed(
  what: string,
  rules: readonly { name: string; environment: string }[],
): void {
  if (rules.length === 0) return
  const named = rules.slice(0, 3).map(({ name, environment }) => `${JSON.stringify(name)} in ${environment}`)
  throw new Conflict(`${what} is a target of the rule ${named.join(', ')}: take it out there first.`)
}
