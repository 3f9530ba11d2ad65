import type { Database } from '#db/client.ts'
import { type ContactRecord, listContacts } from '#db/repositories/contact-directory.ts'
import { listCrowdMembers } from '#db/repositories/contacts-in-use.ts'
import { findPersonCalled } from '#db/repositories/rule-targets.ts'
import { compileCrowds, type Crowds, resolveTargets } from '#engine/route/targets.ts'
import type { RuleTarget } from '#engine/rule/bindings.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'

/** Every target must lead to somebody who can be reached: one that leads to nobody is a mistake, whoever else hears. */
export async function targetProblems(db: Database, targets: readonly RuleTarget[]): Promise<FieldProblem[]> {
  if (targets.length === 0) return []
  const crowds = compileCrowds(await listCrowdMembers(db))
  const problems = await Promise.all(targets.map((target) => targetProblem(db, crowds, target)))
  return problems.flatMap((problem, index) =>
    problem === undefined ? [] : [{ field: `targets.${index}.targetId`, problem }],
  )
}

async function targetProblem(db: Database, crowds: Crowds, target: RuleTarget): Promise<string | undefined> {
  const named = await listContacts(db, { ids: [...resolveTargets([target], crowds).keys()] })
  if (named.length === 0) return nobody(db, target)
  return named.some(hasMedia) ? undefined : unreachable(target, named)
}

async function nobody(db: Database, { kind, targetId }: RuleTarget): Promise<string> {
  if (kind !== 'USER') {
    const crowd = kind === 'GROUP' ? 'groups' : 'roles'
    return `There is no such ${kind.toLowerCase()}, or nobody is in it: see GET /api/v1/${crowd}.`
  }
  const person = await findPersonCalled(db, targetId)
  return person
    ? `${person.name} spoke in ${person.surface} and is no contact yet: make one, such as contact add ${person.surface}-${person.externalId}, with a medium.`
    : 'There is no such contact: see GET /api/v1/contacts.'
}

function hasMedia({ media }: ContactRecord): boolean {
  return Object.keys(media).length > 0
}

function unreachable({ kind, targetId }: RuleTarget, [first]: readonly ContactRecord[]): string {
  const who = kind === 'USER' ? `${targetId} has no` : `Nobody in ${targetId} has a`
  return `${who} medium to be reached by: PUT /api/v1/contacts/${first?.id ?? targetId}/media/{type}.`
}
