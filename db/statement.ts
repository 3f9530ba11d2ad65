import { fillPlaceholders, type Query, type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { PgColumn, PreparedQueryConfig } from 'drizzle-orm/pg-core'
import type { SelectResultFields } from 'drizzle-orm/query-builders/select.types'
import type { Database } from './client.ts'

/** A place in a statement that its values are put into, by name. */
export const hole = sql.placeholder

type Values = Readonly<Record<string, string | number | boolean | null>>

/**
 * A statement whose text is put together once and for all: for what is sent with every event, where Drizzle would take
 * longer to write it anew than the server to carry it out.
 */
export interface Statement<Row> {
  run(db: Database, values?: Values): Promise<Row[]>
}

/** What a statement reads, and how its rows are understood. */
export interface Selection<Row> {
  /** For after `select` and `returning`. */
  readonly columns: SQL
  /** How many values a row has. */
  readonly width: number
  readonly toRow: (values: readonly unknown[]) => Row
}

type Fields = Readonly<Record<string, PgColumn | SQL>>

export function selection<const Chosen extends Fields>(
  fields: Chosen,
): Selection<SelectResultFields<Chosen>> {
  const named = Object.entries(fields).map(([name, field]) => ({ name, decode: decoderOf(field) }))
  return {
    columns: sql.join(Object.values(fields), sql`, `),
    width: named.length,
    toRow: (values) => {
      const row: Record<string, unknown> = {}
      for (const [index, { name, decode }] of named.entries()) {
        const value = values[index]
        row[name] = value === null ? null : decode(value)
      }
      return row as SelectResultFields<Chosen>
    },
  }
}

/** Rows of two tables side by side; of the second there may be none. */
export function pairOf<First, Second>(
  first: Selection<First>,
  second: Selection<Second>,
): Selection<{ readonly first: First; readonly second: Second | undefined }> {
  return {
    columns: sql`${first.columns}, ${second.columns}`,
    width: first.width + second.width,
    toRow: (values) => {
      const rest = values.slice(first.width)
      const isThere = rest.some((value) => value !== null)
      return { first: first.toRow(values), second: isThere ? second.toRow(rest) : undefined }
    },
  }
}

function decoderOf(field: PgColumn | SQL): (value: unknown) => unknown {
  return 'mapFromDriverValue' in field ? (value) => field.mapFromDriverValue(value) : (value) => value
}

/** `selected`: what it reads; without it rows are as the driver gives them. */
export function statement<Row extends object = Record<string, unknown>>(
  text: SQL,
  selected?: Selection<Row>,
): Statement<Row> {
  let query: Query | undefined
  const toRows = selected && ((rows: unknown[][]) => rows.map(selected.toRow))
  return {
    run: async (db, values = {}) => {
      query ??= new PgDialect().sqlToQuery(text)
      const filled = { sql: query.sql, params: fillPlaceholders(query.params, values) }
      return db._.session
        .prepareQuery<PreparedQueryConfig & { execute: Row[] }>(
          filled,
          undefined,
          'once for each connection',
          selected !== undefined,
          toRows,
        )
        .execute()
    },
  }
}
