import { compilePattern } from '#engine/route/pattern.ts'

/** What a maintenance is planned for: an entity with all its checks, one check, or all entities a pattern finds. */
export type MaintenanceTarget =
  | { readonly kind: 'entity'; readonly entity: string }
  | { readonly kind: 'check'; readonly entity: string; readonly check: string }
  | { readonly kind: 'pattern'; readonly pattern: string }

export type ReadTarget = { readonly target: MaintenanceTarget } | { readonly problem: string }

/** A slash on both ends makes a pattern, the first colon ends the entity. */
export function readTarget(text: string): ReadTarget {
  if (text.startsWith('/') && text.endsWith('/') && text.length > 2) {
    const pattern = compilePattern(text.slice(1, -1))
    if (pattern.kind === 'broken')
      return { problem: `${text.slice(0, 80)} is no pattern I can use: ${pattern.because}.` }
    return { target: { kind: 'pattern', pattern: pattern.source } }
  }
  const colon = text.indexOf(':')
  const [entity, check] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)]
  if (entity === '' || check === '')
    return { problem: 'Name an entity (db-1), one of its checks (db-1:disk) or a pattern (/^db-/).' }
  return { target: check === undefined ? { kind: 'entity', entity } : { kind: 'check', entity, check } }
}

/** Entities are the same whatever their case, and patterns see them in lower case. */
export function isTargeted(target: MaintenanceTarget, check: { entity: string; name: string }): boolean {
  const entity = check.entity.toLowerCase()
  switch (target.kind) {
    case 'entity':
      return entity === target.entity.toLowerCase()
    case 'check':
      return entity === target.entity.toLowerCase() && check.name === target.check
    case 'pattern': {
      const pattern = compilePattern(target.pattern)
      return pattern.kind === 'pattern' && pattern.isIn(entity)
    }
  }
}
