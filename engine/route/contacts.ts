/** Somebody who can be reached, and how. */
export interface Contact {
  readonly id: string
  /** An IANA zone; null = the house's own. */
  readonly timezone: string | null
  /** By medium: `email`, `sms`, `slack`… In this order alerts are decided. */
  readonly media: Readonly<Record<string, Medium>>
}

export interface Medium {
  readonly address: string
  /** Pause between alerts of one state of one check; null or not above 0 = the default of the house. */
  readonly intervalSeconds: number | null
  /** From this many failing checks on they are told as one summary; null or not above 0 = never. */
  readonly rollupThreshold: number | null
}

/** What a contact listens to: everything, one entity, or one check of one entity. */
export type ContactLink =
  | { readonly contactId: string; readonly to: 'all' }
  | { readonly contactId: string; readonly to: 'entity'; readonly entity: string }
  | { readonly contactId: string; readonly to: 'check'; readonly checkKey: string }

/** Links by what they lead from; each list in the order of the links. */
export interface LinkTable {
  readonly toAll: ReadonlySet<string>
  readonly byEntity: ReadonlyMap<string, ReadonlySet<string>>
  readonly byCheck: ReadonlyMap<string, ReadonlySet<string>>
}

export function compileLinks(links: readonly ContactLink[]): LinkTable {
  const toAll = new Set<string>()
  const byEntity = new Map<string, Set<string>>()
  const byCheck = new Map<string, Set<string>>()
  for (const link of links) {
    if (link.to === 'all') toAll.add(link.contactId)
    else if (link.to === 'entity') setOf(byEntity, link.entity.toLowerCase()).add(link.contactId)
    else setOf(byCheck, link.checkKey).add(link.contactId)
  }
  return { toAll, byEntity, byCheck }
}

/** Is this contact (still) linked to the check, in any way? */
export function isLinked(
  links: LinkTable,
  contactId: string,
  check: { readonly checkKey: string; readonly entity: string },
): boolean {
  return (
    links.toAll.has(contactId) ||
    (links.byEntity.get(check.entity)?.has(contactId) ?? false) ||
    (links.byCheck.get(check.checkKey)?.has(contactId) ?? false)
  )
}

function setOf(table: Map<string, Set<string>>, key: string): Set<string> {
  const known = table.get(key)
  if (known) return known
  const fresh = new Set<string>()
  table.set(key, fresh)
  return fresh
}
