import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { severityWords } from '#engine/dispatch/category.ts'
import {
  type Cell,
  effectiveCell,
  type Matrix,
  matrixOf,
  matrixRows,
  nobody,
  otherRoutes,
  readMatrix,
  unknownReceivers,
  withNamed,
  writeMatrix,
} from '#engine/dispatch/matrix.ts'
import { readRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import { routeFinder } from '#engine/dispatch/routing-tree.ts'

const inherits: Cell = { override: false, receivers: [] }
const to = (...receivers: string[]): Cell => ({ override: true, receivers })
const matrix = (cells: Readonly<Record<string, Cell>>): Matrix =>
  matrixOf((row, severity) => cells[`${row} ${severity}`] ?? inherits)

const own: RoutingDocument = {
  route: { receiver: 'ops', routes: [{ matchers: ['team="db"'], receiver: 'dba' }] },
  receivers: ['ops', 'dba', 'desk', 'night'].map((name) => ({ name })),
}

/** Receivers of an alert of this category and severity. */
function hearing(document: RoutingDocument, labels: Readonly<Record<string, string>>): string[] {
  const read = readRouting(document)
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return routeFinder(read.tree.root)(labels).map(({ receiver }) => receiver)
}

const backup = (severity: string) => ({ category: 'backups', tocsin_severity: severity })

describe('what the matrix says is what routes do', () => {
  const document = writeMatrix(
    own,
    matrix({
      'global error': to('ops', 'night'),
      'global warning': to('desk'),
      'backups error': to('dba'),
      'backups warning': to(),
    }),
  )

  test.each<[string, Readonly<Record<string, string>>, string[]]>([
    ['an override replaces global', backup('CRITICAL'), ['dba']],
    ['an empty one is silence on purpose', backup('WARNING'), [nobody]],
    ['without one global counts', { category: 'repairs', tocsin_severity: 'WARNING' }, ['desk']],
    ['every receiver of a cell hears', { category: 'nodes', tocsin_severity: 'CRITICAL' }, ['ops', 'night']],
    ['where global says nothing the first route hears', backup('INFO'), ['ops']],
    ["one's own routes come first", { ...backup('CRITICAL'), team: 'db' }, ['dba']],
  ])('%s', (_what, labels, receivers) => {
    expect(hearing(document, labels)).toEqual(receivers)
  })
})

describe('a matrix', () => {
  const cell = fc.oneof(
    fc.constant(inherits),
    fc
      .uniqueArray(fc.constantFrom('ops', 'dba', 'desk', 'night'), { maxLength: 4 })
      .map((receivers) => ({ override: true, receivers })),
  )
  const anyMatrix = fc
    .array(cell, { minLength: 24, maxLength: 24 })
    .map((cells) =>
      matrixOf(
        (row, severity) => cells[matrixRows.indexOf(row) * 3 + severityWords.indexOf(severity)] ?? inherits,
      ),
    )

  test('is read from the routes as it was written, and leaves the other routes alone', () => {
    fc.assert(
      fc.property(anyMatrix, anyMatrix, (before, after) => {
        const written = writeMatrix(writeMatrix(own, before), after)
        expect(readMatrix(written)).toEqual(after)
        expect(otherRoutes(written)).toBe(1)
      }),
    )
  })

  test('says of every cell who hears, and every alert is heard by them', () => {
    fc.assert(
      fc.property(anyMatrix, (written) => {
        const document = writeMatrix({ ...own, route: { receiver: 'ops' } }, written)
        for (const [severity, ours] of [
          ['info', 'INFO'],
          ['error', 'CRITICAL'],
        ] as const) {
          const { hears } = effectiveCell(written, 'backups', severity, 'ops')
          expect(hearing(document, backup(ours))).toEqual(hears.length > 0 ? hears : [nobody])
        }
      }),
    )
  })

  test('without a routing of its own leaves every chat in place', () => {
    const document = writeMatrix(undefined, matrix({ 'repairs info': to() }))
    expect(hearing(document, backup('CRITICAL'))).toEqual(['every chat'])
    expect(hearing(document, { category: 'repairs', tocsin_severity: 'INFO' })).toEqual([nobody])
  })

  test('names receivers, or chats and connections, which become receivers; anything else is refused by its place', () => {
    const wished = matrix({ 'global info': to('#ops', 'pager', 'typo') })
    const nameable = { chats: new Set(['#ops']), connections: new Set(['pager']) }
    const document = withNamed(own, wished, nameable)
    expect(document.receivers.slice(-2)).toEqual([
      { name: '#ops', chats: ['#ops'] },
      { name: 'pager', connections: ['pager'] },
    ])
    expect(unknownReceivers(wished, new Set(document.receivers.map(({ name }) => name)))).toEqual([
      {
        field: 'global.info.receivers.2',
        problem: 'No receiver is called "typo". There are: "ops", "dba", "desk", "night", "#ops", "pager".',
      },
    ])
  })

  test('a route that says more than a cell is one of your own', () => {
    const route = {
      matchers: ['category="backups"', 'tocsin_severity="INFO"'],
      receiver: 'dba',
      group_wait: '1m',
    }
    const document = { ...own, route: { receiver: 'ops', routes: [route] } }
    expect(readMatrix(document).backups.info).toEqual(inherits)
    expect(otherRoutes(document)).toBe(1)
  })
})
