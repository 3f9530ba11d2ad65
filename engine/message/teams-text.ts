import type { Line, Span } from './message.ts'
import { plainTime } from './plain.ts'

/**
 * A line as the markdown of an Adaptive Card's TextBlock. The text is cut before it is escaped, so an escape is
 * never torn apart.
 */
export function teamsLine(line: Line, maxCodePoints: number): string {
  let left = maxCodePoints
  const drawn: string[] = []
  for (const span of line) {
    if (left <= 0) break
    const words = cutText(spanWords(span), left)
    left -= Array.from(words).length
    drawn.push(drawSpan(span, words))
  }
  return escapeLineStart(drawn.join(''))
}

export function teamsText(text: string, maxCodePoints: number): string {
  return teamsLine([text], maxCodePoints)
}

/**
 * For the places where Teams shows text as it is: button titles, labels, the text of a notification. Dates are
 * expanded even there (`{{DATE(…)}}`), so hostile text gets a space between the braces.
 */
export function plainWords(text: string, maxCodePoints: number): string {
  const words = printable(text).replace(/\s+/gu, ' ').trim()
  return cutText(words.replace(/\{(?=\{(?:DATE|TIME)\()/gu, '{ '), maxCodePoints)
}

export function cutText(text: string, maxCodePoints: number): string {
  const points = Array.from(text)
  return points.length > maxCodePoints ? `${points.slice(0, maxCodePoints - 1).join('')}…` : text
}

/**
 * Control characters become spaces, and the bidirectional overrides go: they can make a text read differently from
 * what it says.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\n]+/gu, ' ')
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
}

function spanWords(span: Span): string {
  return printable(spanText(span)).replace(/\s+/gu, ' ')
}

function spanText(span: Span): string {
  if (typeof span === 'string') return span
  if ('strong' in span) return span.strong
  if ('code' in span) return span.code
  if ('time' in span) return plainTime(span.time)
  return span.link
}

function drawSpan(span: Span, words: string): string {
  const escaped = escapeMarkdown(words)
  if (typeof span === 'string' || 'code' in span) return escaped
  if ('strong' in span) return words.trim() ? `**${escaped.trim()}**` : escaped
  if ('time' in span) return drawTime(span.time, span.style) ?? escaped
  const href = webAddress(span.href)
  return href ? `[${escaped}](${href})` : escaped
}

/** Teams writes these in the reader's own zone and language; for words that keep counting ("2 min ago") it has only the day. */
function drawTime(iso: string, style: 'clock' | 'date' | 'relative'): string | undefined {
  const instant = new Date(iso)
  if (Number.isNaN(instant.getTime())) return undefined
  const seconds = `${instant.toISOString().slice(0, 19)}Z`
  const date = `{{DATE(${seconds}, SHORT)}}`
  const clock = `{{TIME(${seconds})}}`
  return { clock, date: `${date} ${clock}`, relative: date }[style]
}

/** Only the web: `javascript:` and deep links into other apps are not for telemetry to offer. */
export function webAddress(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined
  const url = new URL(href)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  return url.href.replaceAll('(', '%28').replaceAll(')', '%29')
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~&]/gu, String.raw`\$&`)
}

/** What would begin a list at the start of a block. */
function escapeLineStart(text: string): string {
  return text
    .trimStart()
    .replace(/^([-+=])/u, String.raw`\$1`)
    .replace(/^(\d+)([.)])/u, String.raw`$1\$2`)
}
