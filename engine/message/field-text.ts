import { printable } from './teams-text.ts'

const ellipsis = '…'

/** Text for one field of somebody's record: no control characters but line breaks, and never longer than they take, in UTF-16 units. */
export function fieldText(text: string, most: number): string {
  return cut(printable(text.slice(0, most * 2)).trim(), most)
}

/** The same on one line. */
export function fieldLine(text: string, most: number): string {
  return cut(
    printable(text.slice(0, most * 2))
      .replace(/\s+/gu, ' ')
      .trim(),
    most,
  )
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const points = Array.from(text.slice(0, most - ellipsis.length))
  // The cut may have gone through a character.
  if (!points.at(-1)?.isWellFormed()) points.pop()
  return points.join('') + ellipsis
}
