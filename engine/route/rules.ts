import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { FailingState } from '#engine/notify/severity.ts'
import type { Contact } from './contacts.ts'
import type { Pattern } from './pattern.ts'
import type { Named } from './targets.ts'
import type { IsOpen, TimeRestriction } from './time-restrictions.ts'

/** Which media of a contact hear of what. Without any criterion it is a general rule; hours do not make it specific. */
export interface NotificationRule {
  readonly id: string
  readonly contactId: string
  /** Any of them; whole names, which are in lower case. */
  readonly entities: readonly string[]
  /** All of them. */
  readonly regexEntities: readonly string[]
  /** All of them. */
  readonly tags: readonly string[]
  /** Each matches one of the tags. */
  readonly regexTags: readonly string[]
  /** At least one is open, if there are any. */
  readonly timeRestrictions: readonly TimeRestriction[]
  readonly media: Readonly<Record<FailingState, readonly string[]>>
  /** The contact hears nothing at all of this severity, whatever other rules say. */
  readonly blackholes: Readonly<Record<FailingState, boolean>>
}

/** What rules are matched against. */
export interface RuleSubject {
  readonly checkKey: string
  readonly entity: string
  readonly tags: readonly string[]
  /** Contacts whom the rule behind it names, whatever they listen to. */
  readonly named?: Named
}

export interface CompiledRule {
  readonly rule: NotificationRule
  readonly isSpecific: boolean
  readonly regexEntities: readonly Pattern[]
  readonly regexTags: readonly Pattern[]
  readonly openings: readonly IsOpen[]
  /** A pattern of it cannot be read: it never matches, other rules are not touched by that. */
  readonly brokenBecause: string | undefined
}

export interface RuleCompiler {
  readonly patternOf: (source: string) => Pattern
  readonly openingOf: (restriction: TimeRestriction) => IsOpen
}

export function isSpecific(
  rule: Pick<NotificationRule, 'entities' | 'regexEntities' | 'tags' | 'regexTags'>,
): boolean {
  return rule.entities.length + rule.regexEntities.length + rule.tags.length + rule.regexTags.length > 0
}

export function compileRule(rule: NotificationRule, compiler: RuleCompiler): CompiledRule {
  const regexEntities = rule.regexEntities.map(compiler.patternOf)
  const regexTags = rule.regexTags.map(compiler.patternOf)
  const broken = [...regexEntities, ...regexTags].find((pattern) => pattern.kind === 'broken')
  return {
    rule,
    isSpecific: isSpecific(rule),
    regexEntities,
    regexTags,
    openings: rule.timeRestrictions.map(compiler.openingOf),
    brokenBecause:
      broken?.kind === 'broken' ? `${JSON.stringify(broken.source)}: ${broken.because}` : undefined,
  }
}

export type Mismatch = 'broken-pattern' | 'other-entity' | 'missing-tag' | 'outside-hours'

/** undefined = it matches. */
export function mismatch(
  compiled: CompiledRule,
  subject: RuleSubject,
  now: EpochSeconds,
): Mismatch | undefined {
  return criteriaMismatch(compiled, subject) ?? (isOpenAt(compiled, now) ? undefined : 'outside-hours')
}

function criteriaMismatch(compiled: CompiledRule, { entity, tags }: RuleSubject): Mismatch | undefined {
  if (compiled.brokenBecause !== undefined) return 'broken-pattern'
  const { rule } = compiled
  if (rule.entities.length > 0 && !rule.entities.includes(entity)) return 'other-entity'
  if (!rule.tags.every((tag) => tags.includes(tag))) return 'missing-tag'
  if (!compiled.regexEntities.every((pattern) => isIn(pattern, entity))) return 'other-entity'
  if (!compiled.regexTags.every((pattern) => tags.some((tag) => isIn(pattern, tag)))) return 'missing-tag'
  return undefined
}

function isOpenAt({ openings }: CompiledRule, now: EpochSeconds): boolean {
  return openings.length === 0 || openings.some((isOpen) => isOpen(now))
}

function isIn(pattern: Pattern, text: string): boolean {
  return pattern.kind === 'pattern' && pattern.isIn(text)
}

const noMedia: readonly string[] = []
const noBlackholes = { info: false, unknown: false, warning: false, critical: false }

/** What the id of an implicit rule ends with, after that of its contact. */
export const implicitRuleEnd = ':implicit'

/**
 * Whoever has no general rule is told of every warning and critical on every medium, and of no `unknown` and no `info`.
 * To be left alone outside of specific rules, a contact keeps a general rule without media.
 */
export function implicitGeneralRule(contact: Contact): NotificationRule {
  const all = Object.keys(contact.media)
  return {
    id: contact.id + implicitRuleEnd,
    contactId: contact.id,
    entities: [],
    regexEntities: [],
    tags: [],
    regexTags: [],
    timeRestrictions: [],
    media: { info: noMedia, unknown: noMedia, warning: all, critical: all },
    blackholes: noBlackholes,
  }
}

/** The same for somebody whom a rule names: they are told of `unknown` and `info` as well. */
export function implicitRuleOfNamed(contact: Contact): NotificationRule {
  const rule = implicitGeneralRule(contact)
  const all = rule.media.critical
  return { ...rule, media: { info: all, unknown: all, warning: all, critical: all } }
}
