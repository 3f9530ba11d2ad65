import { type RuleDraft, readNewRule } from '#engine/route/read-rule.ts'
import { isObject } from '#engine/intake/json.ts'
import { idSchema, type Reading, readWith } from './reading.ts'

/** A rule for a contact, as `readNewRule` takes it, which may bring an id of its own. */
export function readNewRuleWithId(
  value: unknown,
): Reading<{ readonly id: string | undefined; readonly rule: RuleDraft }> {
  const reading = readNewRule(value)
  const given = isObject(value) ? (value['id'] ?? undefined) : undefined
  const id = readWith(idSchema.optional(), given)
  const problems = [
    ...(id.kind === 'refused' ? id.problems.map(({ problem }) => ({ field: 'id', problem })) : []),
    ...(reading.kind === 'refused' ? reading.problems : []),
  ]
  if (id.kind === 'refused' || reading.kind === 'refused') return { kind: 'refused', problems }
  return { kind: 'read', value: { id: id.value, rule: reading.rule } }
}

/** Where each attribute goes; what is not named here changes nothing. */
const changeOf: Readonly<Record<string, (rule: RuleDraft, read: RuleDraft) => RuleDraft>> = {
  entities: (rule, { entities }) => ({ ...rule, entities }),
  regex_entities: (rule, { regexEntities }) => ({ ...rule, regexEntities }),
  tags: (rule, { tags }) => ({ ...rule, tags }),
  regex_tags: (rule, { regexTags }) => ({ ...rule, regexTags }),
  time_restrictions: (rule, { timeRestrictions }) => ({ ...rule, timeRestrictions }),
  info_media: mediaOf('info'),
  unknown_media: mediaOf('unknown'),
  warning_media: mediaOf('warning'),
  critical_media: mediaOf('critical'),
  info_blackhole: blackholeOf('info'),
  unknown_blackhole: blackholeOf('unknown'),
  warning_blackhole: blackholeOf('warning'),
  critical_blackhole: blackholeOf('critical'),
}

type Severity = keyof RuleDraft['media']

function mediaOf(severity: Severity) {
  return (rule: RuleDraft, { media }: RuleDraft): RuleDraft => ({
    ...rule,
    media: { ...rule.media, [severity]: media[severity] },
  })
}

function blackholeOf(severity: Severity) {
  return (rule: RuleDraft, { blackholes }: RuleDraft): RuleDraft => ({
    ...rule,
    blackholes: { ...rule.blackholes, [severity]: blackholes[severity] },
  })
}

/** What changes of a rule: only what is named. */
export function readRuleChange(
  changes: Readonly<Record<string, unknown>>,
): Reading<(rule: RuleDraft) => RuleDraft> {
  const reading = readNewRule(changes)
  if (reading.kind === 'refused') return reading
  const named = Object.keys(changes).flatMap((name) =>
    Object.hasOwn(changeOf, name) ? [changeOf[name]] : [],
  )
  return {
    kind: 'read',
    value: (rule) => named.reduce((changed, change) => change?.(changed, reading.rule) ?? changed, rule),
  }
}
