import { severityWords, type SeverityWord } from '#engine/dispatch/category.ts'
import { effectiveCell, type Matrix, type MatrixRow, matrixRows } from '#engine/dispatch/matrix.ts'
import { type Item, type Message, message } from '#engine/message/message.ts'

export interface MatrixView {
  readonly matrix: Matrix
  /** Hears of what nothing else takes. */
  readonly firstReceiver: string
  /** Routes before the matrix. */
  readonly others: number
  /** Whom a cell can name. */
  readonly receivers: readonly string[]
}

/** `routes`: row by row; what a row does not say itself it has from global. */
export function matrixCard(view: MatrixView): Message {
  const { others, receivers } = view
  return message({
    headline: 'Who hears of what',
    items: matrixRows.map((row) => rowItem(view, row)),
    notes: [
      ...(others > 0
        ? [
            [
              `${others} ${others === 1 ? 'route comes' : 'routes come'} first; what they take is not asked here.`,
            ],
          ]
        : []),
      [
        `Change it: `,
        { code: 'route backups error to dba' },
        ', ',
        { code: 'nobody' },
        ' or ',
        { code: 'default' },
        '.',
      ],
      [`There are: ${receivers.slice(0, 20).join(', ')}${receivers.length > 20 ? ' …' : ''}.`],
    ],
  })
}

function rowItem(view: MatrixView, row: MatrixRow): Item {
  return {
    tone: 'neutral',
    line: [{ strong: row }],
    detail: [severityWords.map((severity) => `${severity}: ${cellText(view, row, severity)}`).join(' · ')],
  }
}

function cellText({ matrix, firstReceiver }: MatrixView, row: MatrixRow, severity: SeverityWord): string {
  const { hears, from } = effectiveCell(matrix, row, severity, firstReceiver)
  const who = hears.length > 0 ? hears.join(', ') : 'nobody'
  return from === row ? who : `(${who})`
}
