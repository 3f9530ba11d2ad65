import { getTableColumns, type SQL, type SQLChunk, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from './client.ts'
import { hole, statement } from './statement.ts'

/**
 * Rows for `insert into … select`, one parameter for each column: a parameter for each value is many times slower to
 * build and meets PostgreSQL's limit of 65,535, and one JSON document of all rows costs the server twice as much to read.
 * Not for tables that number their rows themselves: a select has no word for `default`.
 */
export function recordSet<Table extends PgTable>(table: Table, rows: readonly Table['$inferInsert'][]): SQL {
  const columns = writtenColumns(table)
  return sql`select ${list(columns.map(([, column]) => valueOf(column)))} from ${records(columns, rows)}`
}

/** Inserts any number of whole rows, in one statement that is put together once; `rest` is what follows them, like `on conflict`. */
export function insertion<Table extends PgTable>(
  table: Table,
  rest: SQL = sql``,
): (db: Database, rows: readonly Table['$inferInsert'][]) => Promise<readonly unknown[]> {
  const { names, values, records, literals } = rowsToCome(table)
  const insert = statement(sql`insert into ${table} (${names}) select ${values} from ${records} ${rest}`)
  return async (db, rows) => (rows.length === 0 ? [] : insert.run(db, literals(rows)))
}

/** Whole rows for a statement that inserts more than them; `others` says where columns come from that are not in `record`. */
export function rowsToCome<Table extends PgTable>(
  table: Table,
  others: Partial<Record<keyof Table['$inferInsert'], SQL>> = {},
) {
  const columns = writtenColumns(table)
  const values = columns.map(([key, column]) => Reflect.get(others, key) ?? valueOf(column))
  return {
    names: list(columns.map(([, column]) => sql.identifier(column.name))),
    values: list(values),
    /** `unnest(…) as record (…)` */
    records: holes(columns),
    literals: (rows: readonly object[]) => literalsOf(columns, rows),
  }
}

/** Writes the named columns of the rows with these ids, likewise. */
export function changeOf<Table extends PgTable & { readonly id: PgColumn }>(
  table: Table,
  changing: readonly (keyof Table['$inferSelect'] & string)[],
): (db: Database, rows: readonly object[]) => Promise<void> {
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => changing.includes(key))
  const withId: NamedColumn[] = [['id', table.id], ...columns]
  const assignments = columns.map(([, column]) => sql`${sql.identifier(column.name)} = ${valueOf(column)}`)
  const update = statement(sql`
    update ${table} set ${list(assignments)} from ${fewOf(holes(withId), 'record')}
    where ${table.id} = ${valueOf(table.id)}`)
  return async (db, rows) => {
    if (rows.length > 0) await update.run(db, { ...literalsOf(withId, rows), rows: rows.length })
  }
}

/** All but those that the server works out from the others. */
function writtenColumns(table: PgTable): NamedColumn[] {
  return Object.entries(getTableColumns(table)).filter(([, { generated }]) => generated === undefined)
}

type NamedColumn = readonly [key: string, column: PgColumn]

/** `unnest(…) as record (…)`: every value as text. */
function records(columns: readonly NamedColumn[], rows: readonly object[]): SQL {
  const texts = Object.values(literalsOf(columns, rows)).map(arrayOf)
  return asRecords(columns, texts)
}

/** The same for values to come. */
function holes(columns: readonly NamedColumn[]): SQL {
  return asRecords(
    columns,
    columns.map(([key]) => sql`${hole(key)}::text[]`),
  )
}

function asRecords(columns: readonly NamedColumn[], texts: readonly SQL[]): SQL {
  return sql`unnest(${list(texts)}) as record (${list(columns.map(([, { name }]) => sql.identifier(name)))})`
}

function literalsOf(columns: readonly NamedColumn[], rows: readonly object[]): Record<string, string> {
  const literals: Record<string, string> = {}
  for (const [key, column] of columns) {
    const isJson = column.dataType === 'json'
    literals[key] = arrayLiteral(rows.map((row) => literalOf(Reflect.get(row, key), isJson)))
  }
  return literals
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
  return arrayOf(textLiteral(texts))
}

/** The same for the hole of a statement that says `::text[]` itself. */
export function textLiteral(texts: readonly (string | null)[]): string {
  return arrayLiteral(texts.map((text) => (text === null ? 'NULL' : quoted(text))))
}

function arrayOf(literal: string): SQL {
  return sql`${literal}::text[]`
}

/** PostgreSQL's own notation: the driver's way to it costs several times as much. */
function arrayLiteral(literals: readonly string[]): string {
  return `{${literals.join(',')}}`
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

/**
 * For looking them up one by one, as the server should: of values that are to come it takes for granted that they are ten, which
 * is enough to read through all of a table that has not been counted yet, or was small when this was planned.
 */
export function fewOf(values: SQL, alias: string): SQL {
  return sql`(select * from ${values} limit ${hole('rows')}::bigint) as ${sql.identifier(alias)}`
}

function list(parts: readonly SQLChunk[]): SQL {
  return sql.join([...parts], sql`, `)
}
