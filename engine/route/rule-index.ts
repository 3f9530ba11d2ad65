import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { Pattern } from './pattern.ts'
import { type CompiledRule, mismatch, type RuleSubject } from './rules.ts'

/**
 * Specific rules, each filed under one thing without which it cannot match: its entities, or its rarest tag, or else its
 * first pattern. An event looks up what it has; patterns run once for each entity and tag, not once for each rule.
 */
export interface RuleIndex {
  readonly byEntity: ReadonlyMap<string, readonly CompiledRule[]>
  readonly byTag: ReadonlyMap<string, readonly CompiledRule[]>
  readonly byEntityPattern: PatternFile
  readonly byTagPattern: PatternFile
}

interface PatternFile {
  readonly entries: readonly { readonly pattern: Pattern; readonly rules: readonly CompiledRule[] }[]
  /** What was found for a text; forgotten as a whole when there are too many. */
  readonly found: Map<string, readonly CompiledRule[]>
}

const mostTextsRemembered = 20_000

export function indexRules(rules: readonly CompiledRule[]): RuleIndex {
  const readable = rules.filter((compiled) => compiled.isSpecific && compiled.brokenBecause === undefined)
  const rarity = countTags(readable)
  const byEntity = new Map<string, CompiledRule[]>()
  const byTag = new Map<string, CompiledRule[]>()
  const byEntityPattern = new Map<Pattern, CompiledRule[]>()
  const byTagPattern = new Map<Pattern, CompiledRule[]>()
  for (const compiled of readable) {
    const { entities, tags } = compiled.rule
    const [entityPattern] = compiled.regexEntities
    const [tagPattern] = compiled.regexTags
    if (entities.length > 0) for (const entity of new Set(entities)) file(byEntity, entity, compiled)
    else if (tags.length > 0) file(byTag, rarest(tags, rarity), compiled)
    else if (entityPattern !== undefined) file(byEntityPattern, entityPattern, compiled)
    else if (tagPattern !== undefined) file(byTagPattern, tagPattern, compiled)
  }
  return {
    byEntity,
    byTag,
    byEntityPattern: patternFile(byEntityPattern),
    byTagPattern: patternFile(byTagPattern),
  }
}

/** The specific rules that match, each once. */
export function matchingRules(
  index: RuleIndex,
  subject: RuleSubject,
  now: EpochSeconds,
): readonly CompiledRule[] {
  const matching: CompiledRule[] = []
  const take = (candidates: readonly CompiledRule[] | undefined) => {
    for (const compiled of candidates ?? [])
      if (mismatch(compiled, subject, now) === undefined) matching.push(compiled)
  }
  take(index.byEntity.get(subject.entity))
  for (const tag of subject.tags) take(index.byTag.get(tag))
  take(lookUp(index.byEntityPattern, subject.entity))
  take(lookUpAll(index.byTagPattern, subject.tags))
  return matching
}

function lookUp(file: PatternFile, text: string): readonly CompiledRule[] {
  if (file.entries.length === 0) return []
  const known = file.found.get(text)
  if (known) return known
  const found = file.entries.flatMap(({ pattern, rules }) =>
    pattern.kind === 'pattern' && pattern.isIn(text) ? rules : [],
  )
  if (file.found.size >= mostTextsRemembered) file.found.clear()
  file.found.set(text, found)
  return found
}

/** Two tags may lead to the same rule. */
function lookUpAll(file: PatternFile, texts: readonly string[]): readonly CompiledRule[] {
  if (file.entries.length === 0) return []
  return [...new Set(texts.flatMap((text) => lookUp(file, text)))]
}

function countTags(rules: readonly CompiledRule[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { rule } of rules) for (const tag of rule.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return counts
}

function rarest(tags: readonly string[], counts: ReadonlyMap<string, number>): string {
  return tags.reduce((rare, tag) => ((counts.get(tag) ?? 0) < (counts.get(rare) ?? 0) ? tag : rare))
}

function file<Key>(files: Map<Key, CompiledRule[]>, key: Key, compiled: CompiledRule): void {
  const known = files.get(key)
  if (known) known.push(compiled)
  else files.set(key, [compiled])
}

function patternFile(files: ReadonlyMap<Pattern, readonly CompiledRule[]>): PatternFile {
  return { entries: [...files].map(([pattern, rules]) => ({ pattern, rules })), found: new Map() }
}
