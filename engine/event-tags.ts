import type { CheckSubject } from './event.ts'

/** The white space at which Ruby splits words. */
const whiteSpace = /[\0\t\n\v\f\r ]+/

/**
 * What rules can ask for: the tags the event brought (case kept), the entity's name in two parts split at the first dot,
 * and the words of the check's name, both in lower case. The whole dotted name is not among them: rules name entities
 * for that (`tag-full-entity-name`), and tags stored on entities or checks take no part (`tag-entity-tags-ignored`).
 */
export function eventTags(subject: Pick<CheckSubject, 'tags' | 'entity' | 'check'>): readonly string[] {
  return [...new Set([...subject.tags, ...entityParts(subject.entity), ...words(subject.check)])]
}

function entityParts(entity: string): string[] {
  const name = entity.toLowerCase()
  const dot = name.indexOf('.')
  return dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)]
}

function words(check: string): string[] {
  return check.toLowerCase().split(whiteSpace).filter(Boolean)
}
