import { z } from 'zod'
import { isMediaType, mediaTypeProblem } from '#engine/directory/media-types.ts'
import { plainTextProblem } from '#engine/intake/problems.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { compilePattern } from './pattern.ts'
import { readTimeRestriction } from './read-time-restriction.ts'
import type { NotificationRule } from './rules.ts'

/*
 * A notification rule as Flapjack's JSON API takes and stores it; null or absent = empty, or false:
 *
 *   { "entities": ["web-11.example.com"], "regex_entities": ["^web-"], "tags": ["shop"], "regex_tags": ["^db\\d+$"],
 *     "time_restrictions": [{ "start_time": "2014-01-13 08:00:00", "end_time": "2014-01-13 18:00:00", "rrules": [] }],
 *     "unknown_media": [], "warning_media": ["email"], "critical_media": ["email", "sms"],
 *     "unknown_blackhole": false, "warning_blackhole": false, "critical_blackhole": false }
 *
 * `info_media` and `info_blackhole` are ours.
 */

export type RuleDraft = Omit<NotificationRule, 'id' | 'contactId'>

export type RuleReading =
  | { readonly kind: 'rule'; readonly rule: RuleDraft }
  | { readonly kind: 'refused'; readonly problems: readonly FieldProblem[] }

/** Patterns are read later: a rule with a broken one is kept, as Flapjack does, and never matches. */
export function readRule(value: unknown): RuleReading {
  const parsed = ruleSchema.safeParse(value)
  if (parsed.success) return { kind: 'rule', rule: parsed.data }
  return {
    kind: 'refused',
    problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message })),
  }
}

/** As above, and nothing that would keep the rule from ever matching: for what a person writes now. */
export function readNewRule(value: unknown): RuleReading {
  const reading = readRule(value)
  if (reading.kind === 'refused') return reading
  const problems = [...patternProblems(reading.rule), ...mediaProblems(reading.rule)]
  return problems.length > 0 ? { kind: 'refused', problems } : reading
}

function patternProblems({ regexEntities, regexTags }: RuleDraft): FieldProblem[] {
  const broken = (field: string, sources: readonly string[]) =>
    sources.flatMap((source) => {
      const pattern = compilePattern(source)
      const problem = `The pattern ${JSON.stringify(source.slice(0, 60))} cannot be used`
      return pattern.kind === 'broken' ? [{ field, problem: `${problem}: ${pattern.because}.` }] : []
    })
  return [...broken('regex_entities', regexEntities), ...broken('regex_tags', regexTags)]
}

function mediaProblems({ media }: RuleDraft): FieldProblem[] {
  return Object.entries(media).flatMap(([severity, names]) =>
    names.every(isMediaType) ? [] : [{ field: `${severity}_media`, problem: mediaTypeProblem }],
  )
}

const text = z.string('must be a list of strings').superRefine((value, issues) => {
  const problem = plainTextProblem(value)
  if (problem !== undefined) issues.addIssue({ code: 'custom', message: problem })
})
const texts = z
  .array(text, 'must be a list of strings')
  .nullish()
  .transform((values) => [...new Set(values)])
const flag = z
  .boolean('must be true or false')
  .nullish()
  .transform((value) => value ?? false)

const timeRestriction = z.unknown().transform((value, issues) => {
  const reading = readTimeRestriction(value)
  if (reading.kind === 'restriction') return reading.restriction
  issues.addIssue({ code: 'custom', message: reading.problems.join('; ') })
  return z.NEVER
})

const ruleSchema = z
  .object(
    {
      entities: texts,
      regex_entities: texts,
      tags: texts,
      regex_tags: texts,
      time_restrictions: z.array(timeRestriction, 'must be a list').nullish(),
      info_media: texts,
      unknown_media: texts,
      warning_media: texts,
      critical_media: texts,
      info_blackhole: flag,
      unknown_blackhole: flag,
      warning_blackhole: flag,
      critical_blackhole: flag,
    },
    'must be an object with the lists of the rule',
  )
  .transform((rule): RuleDraft => ({
    entities: rule.entities,
    regexEntities: rule.regex_entities,
    tags: rule.tags,
    regexTags: rule.regex_tags,
    timeRestrictions: rule.time_restrictions ?? [],
    media: {
      info: rule.info_media,
      unknown: rule.unknown_media,
      warning: rule.warning_media,
      critical: rule.critical_media,
    },
    blackholes: {
      info: rule.info_blackhole,
      unknown: rule.unknown_blackhole,
      warning: rule.warning_blackhole,
      critical: rule.critical_blackhole,
    },
  }))
