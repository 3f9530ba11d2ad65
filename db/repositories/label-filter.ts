import { and, inArray, type SQL, sql } from 'drizzle-orm'
import { alerts } from '#db/schema/alerts.ts'
import { severityLabel } from '#engine/alert.ts'
import type { Matcher } from '#engine/matcher.ts'

/*
 * What PostgreSQL can tell of label matchers. It only leaves out what cannot match: the engine, which knows patterns and
 * negations, has the last word on what is left.
 */

/** Alerts that none of the plain equalities excludes. */
export function mayMatch(matchers: readonly Matcher[]): SQL {
  const equalities = matchers.filter(({ operator }) => operator === '=')
  return allOf(equalities.map(({ name, value }) => sql`${labelColumn(name)} = ${value}`))
}

export function hasOneOf(name: string, values: readonly string[]): SQL {
  const wanted = JSON.stringify([...new Set(values)])
  return inArray(labelColumn(name), sql`(select jsonb_array_elements_text(${wanted}::jsonb))`)
}

export function allOf(conditions: readonly SQL[]): SQL {
  return and(sql`true`, ...conditions) ?? sql`true`
}

export function anyOf(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join([...conditions], sql` or `)})`
}

/** `alertLabels`, as PostgreSQL reads it; absent is the empty string. */
function labelColumn(name: string): SQL {
  const posted = sql`${alerts.labels} ->> ${name}`
  switch (name) {
    case 'entity':
      return sql`coalesce(${posted}, ${alerts.entity})`
    case 'severity':
      return sql`coalesce(${posted}, ${alerts.severity})`
    case severityLabel:
      return sql`${alerts.severity}`
    case 'check':
      return sql`${alerts.checkId}::text`
    case 'ruleId':
      return sql`coalesce(${alerts.ruleId}::text, '')`
    default:
      return sql`coalesce(${posted}, '')`
  }
}
