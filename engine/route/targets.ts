import type { RuleTarget } from '#engine/rule/bindings.ts'

/** Contacts who are named together: a group, or those who have a role. Nobody in it = there is no such. */
export interface CrowdMember {
  readonly kind: 'GROUP' | 'ROLE'
  readonly name: string
  readonly contactId: string
}

/** By `crowdKey`. */
export type Crowds = ReadonlyMap<string, readonly string[]>

export function compileCrowds(members: readonly CrowdMember[]): Crowds {
  const crowds = Map.groupBy(members, ({ kind, name }) => crowdKey(kind, name))
  return new Map([...crowds].map(([key, some]) => [key, some.map(({ contactId }) => contactId)]))
}

/** Roles are the same however they are written. */
function crowdKey(kind: CrowdMember['kind'], name: string): string {
  return `${kind} ${kind === 'ROLE' ? name.toUpperCase() : name}`
}

/** Whom a rule is for, each with the targets that say so. */
export type Named = ReadonlyMap<string, readonly RuleTarget[]>

export function resolveTargets(targets: readonly RuleTarget[], crowds: Crowds): Named {
  const named = new Map<string, RuleTarget[]>()
  for (const target of targets) {
    for (const contactId of contactsOf(target, crowds))
      named.set(contactId, [...(named.get(contactId) ?? []), target])
  }
  return named
}

function contactsOf({ kind, targetId }: RuleTarget, crowds: Crowds): readonly string[] {
  return kind === 'USER' ? [targetId] : (crowds.get(crowdKey(kind, targetId)) ?? [])
}

/** `the group ops`, as people read it. */
export function printTarget({ kind, targetId }: RuleTarget): string {
  return kind === 'USER' ? targetId : `the ${kind.toLowerCase()} ${targetId}`
}
