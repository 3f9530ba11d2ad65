import { literals } from './literal.ts'

/** Names in a question; what it does not name it takes over all of. */
type Named<Column extends string> = { readonly [C in Column]?: string | undefined }

/** A row of a total; `total_app` is 1 where it is taken over all apps, which the name '' alone does not tell. */
export type TotalRow = Readonly<Record<string, number | string | null>>

export interface Totals<Column extends string> {
  /** Ends with a comma, or is empty. */
  readonly select: string
  /** Starts with AND, or is empty. */
  readonly where: string
  readonly groupBy: string
  /** The total that answers a question. */
  readonly find: (rows: readonly TotalRow[]) => (question: Named<Column>) => TotalRow | undefined
}

/** Beyond this, looking each row's name up costs more than it spares. */
const mostNames = 200

/** The totals that many questions ask for, each once: a question about an app needs those by app, whichever app it is. */
export function totalsFor<Column extends string>(
  columns: readonly Column[],
  questions: readonly Named<Column>[],
): Totals<Column> {
  const isNamed = (column: Column) => (question: Named<Column>) => question[column] !== undefined
  const namesOf = new Map(
    columns
      .filter((column) => questions.every(isNamed(column)))
      .map((column) => [column, [...new Set(questions.map((question) => question[column] ?? ''))]]),
  )
  // What all of them name alike tells no groups apart, and grouping by it would cost nearly as much as reading it.
  const telling = columns.filter((column) => namesOf.get(column)?.length !== 1)
  const select = telling.map((column) =>
    questions.some(isNamed(column))
      ? `${column}, grouping(${column}) AS total_${column}`
      : `'' AS ${column}, 1 AS total_${column}`,
  )
  const sets = questions.map(
    (question) => `(${telling.filter((column) => isNamed(column)(question)).join(', ')})`,
  )
  const where = [...namesOf]
    .filter(([, names]) => names.length <= mostNames)
    .map(([column, names]) => ` AND ${column} IN (${literals(names)})`)
  return {
    select: select.map((column) => `${column}, `).join(''),
    where: where.join(''),
    groupBy: `GROUPING SETS (${[...new Set(sets)].join(', ')})`,
    find: (rows) => {
      const keyOfRow = (row: TotalRow) =>
        telling.map((column) => (Number(row[`total_${column}`]) === 1 ? null : row[column]))
      const byKey = new Map(rows.map((row) => [JSON.stringify(keyOfRow(row)), row]))
      return (question) => byKey.get(JSON.stringify(telling.map((column) => question[column] ?? null)))
    },
  }
}
