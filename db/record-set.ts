import { getTableColumns, type SQL, type SQLChunk, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/**
 * Rows for `insert into … select`, as one parameter: a parameter for each value is many times slower to build, and meets
 * PostgreSQL's limit of 65,535. Not for tables that number their rows themselves: a select has no word for `default`.
 */
export function recordSet<Table extends PgTable>(table: Table, rows: readonly Table['$inferInsert'][]): SQL {
  const columns = Object.entries(getTableColumns(table))
  const records = rows.map((row: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(columns.map(([key, column]) => [column.name, row[key]])),
  )
  const names = columns.map(([, column]) => sql.identifier(column.name))
  const types = columns.map(
    ([, column]) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`,
  )
  return sql`select ${list(names)} from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as record (${list(types)})`
}

/** Values to look up, as a table that can be joined: one parameter, however many there are. */
export function textRecords<Name extends string>(
  alias: string,
  names: readonly Name[],
  rows: readonly Readonly<Record<Name, string>>[],
): SQL {
  const types = names.map((name) => sql`${sql.identifier(name)} text`)
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as ${sql.identifier(alias)} (${list(types)})`
}

function list(parts: readonly SQLChunk[]): SQL {
  return sql.join([...parts], sql`, `)
}
