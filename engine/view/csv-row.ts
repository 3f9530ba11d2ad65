import { makeStorable } from '#engine/storable-text.ts'

export type Cell = string | number | null

/** RFC 4180, with a header. What a spreadsheet would take for a formula is text in it: some of what is in here was said by strangers. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * These begin a formula, in ASCII and in the wide forms that some spreadsheets fold; a tab or an end of line before them is dropped
 * by some, and so are spaces. https://owasp.org/www-community/attacks/CSV_Injection
 */
const formula = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u

function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const text = makeStorable(cell)
  return `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}
