import { getTableColumns, type SQL, type SQLChunk, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from './client.ts'

/**
 * Rows for `insert into … select`, one parameter for each column: a parameter for each value is many times slower to
 * build and meets PostgreSQL's limit of 65,535, and one JSON document of all rows costs the server twice as much to read.
 * Not for tables that number their rows themselves: a select has no word for `default`.
 */
export function recordSet<Table extends PgTable>(table: Table, rows: readonly Table['$inferInsert'][]): SQL {
  const columns = Object.entries(getTableColumns(table))
  return sql`select ${list(columns.map(([, column]) => valueOf(column)))} from ${records(columns, rows)}`
}

/** Writes the named columns of the rows with these ids, in one statement. */
export async function updateRecords<Table extends PgTable & { readonly id: PgColumn }>(
  db: Database,
  table: Table,
  changing: readonly (keyof Table['$inferSelect'] & string)[],
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => changing.includes(key))
  const assignments = columns.map(([, column]) => sql`${sql.identifier(column.name)} = ${valueOf(column)}`)
  await db.execute(sql`
    update ${table} set ${list(assignments)} from ${records([['id', table.id], ...columns], rows)}
    where ${table.id} = ${valueOf(table.id)}`)
}

type NamedColumn = readonly [key: string, column: PgColumn]

/** `unnest(…) as record (…)`: every value as text. */
function records(columns: readonly NamedColumn[], rows: readonly object[]): SQL {
  const names = columns.map(([, column]) => sql.identifier(column.name))
  const texts = columns.map(([key, column]) => {
    const isJson = column.dataType === 'json'
    return arrayOf(rows.map((row) => literalOf(Reflect.get(row, key), isJson)))
  })
  return sql`unnest(${list(texts)}) as record (${list(names)})`
}

function valueOf(column: PgColumn): SQL {
  return sql`record.${sql.identifier(column.name)}::${sql.raw(column.getSQLType())}`
}

/** Values to look up, as a table that can be joined: one parameter for each column, however many there are. */
export function textRecords<Name extends string>(
  alias: string,
  names: readonly Name[],
  rows: readonly Readonly<Record<Name, string>>[],
): SQL {
  const texts = names.map((name) => textArray(rows.map((row) => row[name])))
  return sql`unnest(${list(texts)}) as ${sql.identifier(alias)} (${list(names.map((name) => sql.identifier(name)))})`
}

/** For `in (select unnest(…))` and `= any(…)`. */
export function textArray(texts: readonly (string | null)[]): SQL {
  return arrayOf(texts.map((text) => (text === null ? 'NULL' : quoted(text))))
}

/** PostgreSQL's own notation: the driver's way to it costs several times as much. */
function arrayOf(literals: readonly string[]): SQL {
  return sql`${`{${literals.join(',')}}`}::text[]`
}

const special = /["\\]/

function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`
}

function literalOf(value: unknown, isJson: boolean): string {
  if (value === undefined || value === null) return 'NULL'
  // JSON has no control characters left that a second round could write in a way PostgreSQL does not know.
  if (isJson) return JSON.stringify(JSON.stringify(value))
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
}

function list(parts: readonly SQLChunk[]): SQL {
  return sql.join([...parts], sql`, `)
}
