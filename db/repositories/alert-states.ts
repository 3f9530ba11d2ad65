import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'

/**
 * For looking at the alerts of one incident after the other. Said so that it leads to no index but that of their incident: while the
 * server does not know yet how many alerts are open, it would rather go through all of those, for each incident.
 */
export function isFiringAmong(state: SQLWrapper): SQL {
  return sql`case when ${state} = 'FIRING' then true end`
}

/** The same of those that are not over. */
export function isOpenAmong(state: SQLWrapper): SQL {
  return sql`case when ${state} <> 'RESOLVED' then true end`
}
