import { checkKey } from '#engine/event.ts'
import type { ContactLink } from '#engine/route/contacts.ts'
import { checkName, entityName } from './entity-draft.ts'
import { type Reading, readWith } from './reading.ts'

/** `everything`, `db-1` or `db-1:disk` → what a contact listens to. What follows the first colon is the check. */
export function readLinkWords(contactId: string, subject: string): Reading<ContactLink> {
  if (['everything', 'all'].includes(subject.trim().toLowerCase()))
    return { kind: 'read', value: { contactId, to: 'all' } }
  const colon = subject.indexOf(':')
  const entity = readWith(entityName, (colon < 0 ? subject : subject.slice(0, colon)).trim())
  const check = readWith(checkName, colon < 0 ? 'none' : subject.slice(colon + 1).trim())
  const problems = [
    ...(entity.kind === 'refused' ? entity.problems.map((found) => ({ ...found, field: 'entity' })) : []),
    ...(check.kind === 'refused' ? check.problems.map((found) => ({ ...found, field: 'check' })) : []),
  ]
  if (entity.kind === 'refused' || check.kind === 'refused') return { kind: 'refused', problems }
  if (colon < 0) return { kind: 'read', value: { contactId, to: 'entity', entity: entity.value } }
  const key = checkKey({ entity: entity.value, check: check.value })
  return { kind: 'read', value: { contactId, to: 'check', checkKey: key } }
}
