import { isObject } from '#engine/intake/json.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import type { Reading } from './reading.ts'

/** Our own API says in camel case what Flapjack's says with underscores; both are read by the same readers. */
export type CamelFields = Readonly<Record<string, string>>

export const contactFields = {
  id: 'id',
  firstName: 'first_name',
  lastName: 'last_name',
  email: 'email',
  timezone: 'timezone',
} as const satisfies CamelFields

export const mediumFields = {
  address: 'address',
  intervalSeconds: 'interval',
  rollupThreshold: 'rollup_threshold',
} as const satisfies CamelFields

export const ruleFields = {
  id: 'id',
  entities: 'entities',
  regexEntities: 'regex_entities',
  tags: 'tags',
  regexTags: 'regex_tags',
  timeRestrictions: 'time_restrictions',
  infoMedia: 'info_media',
  unknownMedia: 'unknown_media',
  warningMedia: 'warning_media',
  criticalMedia: 'critical_media',
  infoBlackhole: 'info_blackhole',
  unknownBlackhole: 'unknown_blackhole',
  warningBlackhole: 'warning_blackhole',
  criticalBlackhole: 'critical_blackhole',
} as const satisfies CamelFields

export const windowFields = {
  startsAt: 'start_time',
  durationSeconds: 'duration',
  summary: 'summary',
} as const satisfies CamelFields

/** Reads by Flapjack's names, and says what is wrong by ours. A field nobody knows is one that was misspelt. */
export function readCamel<Value>(
  body: unknown,
  fields: CamelFields,
  read: (value: Readonly<Record<string, unknown>>) => Reading<Value>,
): Reading<Value> {
  if (!isObject(body)) return refused([{ field: 'body', problem: 'must be a JSON object.' }])
  const unknown = Object.keys(body).filter((name) => !Object.hasOwn(fields, name))
  if (unknown.length > 0) {
    const known = Object.keys(fields).join(', ')
    const problem = `is not known: check the spelling or leave it out. Known are ${known}.`
    return refused(unknown.slice(0, 5).map((name) => ({ field: name.slice(0, 60), problem })))
  }
  const reading = read(
    Object.fromEntries(Object.entries(body).map(([name, value]) => [fields[name] ?? name, value])),
  )
  return reading.kind === 'read'
    ? reading
    : refused(reading.problems.map((found) => ({ ...found, field: camelField(found.field, fields) })))
}

function refused(problems: readonly FieldProblem[]): { kind: 'refused'; problems: readonly FieldProblem[] } {
  return { kind: 'refused', problems }
}

function camelField(field: string, fields: CamelFields): string {
  const [name = '', ...rest] = field.split('.')
  const ours = Object.entries(fields).find(([, theirs]) => theirs === name)?.[0] ?? name
  return [ours, ...rest].filter(Boolean).join('.') || 'body'
}

/** The same way back: what is presented in Flapjack's names, in ours. */
export function toCamel(
  presented: Readonly<Record<string, unknown>>,
  fields: CamelFields,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([ours, theirs]) =>
      Object.hasOwn(presented, theirs) ? [[ours, presented[theirs]]] : [],
    ),
  )
}
