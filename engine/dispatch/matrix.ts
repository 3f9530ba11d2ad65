import type { FieldProblem } from '#engine/rule/rule.ts'
import { severityLabel } from '#engine/alert.ts'
import {
  categories,
  type Category,
  categoryLabel,
  severityOfWord,
  severityWords,
  type SeverityWord,
} from './category.ts'
import type { RoutingDocument } from './read-routing.ts'

/** Who hears of one category at one severity. */
export interface Cell {
  /** False: as `global` says; of `global` itself: as the first route says. */
  readonly override: boolean
  /** Names of receivers. An override without any is silence on purpose. */
  readonly receivers: readonly string[]
}

export const matrixRows = ['global', ...categories] as const

export type MatrixRow = (typeof matrixRows)[number]

/** AxonOps' routing: categories × severities. A view of the route tree, which alone is stored. */
export type Matrix = Readonly<Record<MatrixRow, Readonly<Record<SeverityWord, Cell>>>>

/** What a cell comes to, and which row says so; `first-route` = nothing in the matrix does. */
export interface EffectiveCell extends Cell {
  readonly hears: readonly string[]
  readonly from: MatrixRow | 'first-route'
}

const inherits: Cell = { override: false, receivers: [] }

/** The receiver of cells that are silence on purpose. */
export const nobody = 'nobody, on purpose'

type Route = Readonly<Record<string, unknown>>

/**
 * A cell is a route on the first level that asks for exactly this category and severity:
 *
 *     { "matchers": ["category=\"backups\"", "tocsin_severity=\"CRITICAL\""], "receiver": "dba" }
 *
 * and with several receivers, one route below it for each. The cells of `global` ask for the severity alone and come last.
 */
export function readMatrix(document: RoutingDocument | undefined): Matrix {
  const known = new Map(routesOf(document).map((route) => [placeOf(route), route]))
  return matrixOf((row, severity) => {
    const route = known.get(nameOf(row, severity))
    return route ? { override: true, receivers: receiversOf(route) } : inherits
  })
}

export function matrixOf(cellAt: (row: MatrixRow, severity: SeverityWord) => Cell): Matrix {
  const rowOf = (row: MatrixRow) =>
    Object.fromEntries(
      severityWords.map((severity) => [severity, cellAt(row, severity)]),
    ) as Matrix[MatrixRow]
  return Object.fromEntries(matrixRows.map((row) => [row, rowOf(row)])) as Matrix
}

export function effectiveCell(
  matrix: Matrix,
  row: MatrixRow,
  severity: SeverityWord,
  firstReceiver: string,
): EffectiveCell {
  const own = matrix[row][severity]
  if (own.override) return { ...own, hears: own.receivers, from: row }
  const shared = matrix.global[severity]
  if (row !== 'global' && shared.override) return { ...own, hears: shared.receivers, from: 'global' }
  return { ...own, hears: [firstReceiver], from: 'first-route' }
}

/** Routes that are no cells keep their places before them: what they take never reaches the matrix. */
export function otherRoutes(document: RoutingDocument | undefined): number {
  return routesOf(document).filter((route) => placeOf(route) === undefined).length
}

/** The tree with these cells. Without a tree of one's own yet, everything else goes to every chat, as it did before. */
export function writeMatrix(document: RoutingDocument | undefined, matrix: Matrix): RoutingDocument {
  const before = document ?? everyChat
  const others = routesOf(before).filter((route) => placeOf(route) === undefined)
  const rows: readonly MatrixRow[] = [...categories, 'global']
  const cells = rows
    .flatMap((row) => severityWords.map((severity) => cellRoute(row, severity, matrix[row][severity])))
    .filter((route) => route !== undefined)
  const needsNobody = cells.some((route) => route['receiver'] === nobody)
  const hasNobody = before.receivers.some(({ name }) => name === nobody)
  return {
    ...before,
    route: { ...before.route, routes: [...others, ...cells] },
    receivers: [...before.receivers, ...(needsNobody && !hasNobody ? [{ name: nobody }] : [])],
  }
}

const everyChat: RoutingDocument = {
  route: { receiver: 'every chat' },
  receivers: [{ name: 'every chat', chats: 'all' } as RoutingDocument['receivers'][number]],
}

/** What can be named without being a receiver. */
export interface Nameable {
  readonly chats: ReadonlySet<string>
  readonly connections: ReadonlySet<string>
}

/** A chat or a connection that is named without being a receiver becomes one. */
export function withNamed(
  document: RoutingDocument | undefined,
  matrix: Matrix,
  { chats, connections }: Nameable,
): RoutingDocument {
  const before = document ?? everyChat
  const known = new Set(before.receivers.map(({ name }) => name))
  const named = matrixRows.flatMap((row) =>
    severityWords.flatMap((severity) => matrix[row][severity].receivers),
  )
  const made = [...new Set(named)]
    .filter((name) => !known.has(name) && (chats.has(name) || connections.has(name)))
    .map((name) => (chats.has(name) ? { name, chats: [name] } : { name, connections: [name] }))
  return { ...before, receivers: [...before.receivers, ...made] }
}

/** Names that no receiver has. */
export function unknownReceivers(matrix: Matrix, known: ReadonlySet<string>): FieldProblem[] {
  return matrixRows.flatMap((row) =>
    severityWords.flatMap((severity) =>
      matrix[row][severity].receivers.flatMap((name, index) => {
        if (known.has(name)) return []
        const there = [...known].map((one) => JSON.stringify(one)).join(', ')
        const problem = `No receiver is called ${JSON.stringify(name)}. There are: ${there}.`
        return [{ field: `${row}.${severity}.receivers.${index}`, problem }]
      }),
    ),
  )
}

function cellRoute(row: MatrixRow, severity: SeverityWord, { override, receivers }: Cell): Route | undefined {
  if (!override) return undefined
  const matchers = matchersOf(row, severity)
  const [first, ...more] = receivers
  if (first === undefined) return { matchers, receiver: nobody }
  if (more.length === 0) return { matchers, receiver: first }
  return { matchers, routes: receivers.map((receiver) => ({ receiver, continue: true })) }
}

function matchersOf(row: MatrixRow, severity: SeverityWord): string[] {
  const bySeverity = `${severityLabel}="${severityOfWord[severity]}"`
  return row === 'global' ? [bySeverity] : [`${categoryLabel}="${row satisfies Category}"`, bySeverity]
}

function nameOf(row: MatrixRow, severity: SeverityWord): string {
  return `${row} ${severity}`
}

const places = new Map(
  matrixRows.flatMap((row) =>
    severityWords.map((severity) => [matchersOf(row, severity).join(), nameOf(row, severity)] as const),
  ),
)

/** Which cell a route is; undefined = it is none. */
function placeOf(route: Route): string | undefined {
  const { matchers, receiver, routes, ...more } = route
  if (!Array.isArray(matchers) || Object.keys(more).length > 0) return undefined
  const isLeaf = typeof receiver === 'string' && routes === undefined
  const isList =
    receiver === undefined && Array.isArray(routes) && routes.every((one: Route) => isOneOfSeveral(one))
  return isLeaf || isList ? places.get(matchers.join()) : undefined
}

function isOneOfSeveral(route: Route): boolean {
  return (
    typeof route['receiver'] === 'string' && route['continue'] === true && Object.keys(route).length === 2
  )
}

function receiversOf({ receiver, routes }: Route): string[] {
  if (Array.isArray(routes)) return routes.map((route: Route) => String(route['receiver']))
  return receiver === nobody ? [] : [String(receiver)]
}

function routesOf(document: RoutingDocument | undefined): readonly Route[] {
  const routes = document?.route['routes']
  return Array.isArray(routes) ? (routes as Route[]) : []
}
