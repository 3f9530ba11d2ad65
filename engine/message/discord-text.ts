import type { Line, Span } from './message.ts'

/**
 * A line as Discord markdown, at most `max` UTF-16 units. It is cut only between whole characters, escapes and
 * entities, so a cut can never leave half a `<t:…>` or an open `**` behind. Nobody is pinged (every message forbids it),
 * but `@everyone` would still light up, so its sign is swapped for its double.
 */
export function discordLine(line: Line, max: number): string {
  let text = ''
  for (const span of line) {
    // One unit stays free for the escape that may be needed in front of the line.
    const fitted = fitSpan(span, max - 1 - text.length)
    text += fitted.text
    if (fitted.isCut) break
  }
  return escapeLineStart(text.trim()).replace(/@(?=everyone|here)/gi, '＠')
}

/** As many of the lines as fit, one below the other; `left` is how many did not. */
export function discordLines(lines: readonly Line[], max: number): { text: string; left: number } {
  const rendered: string[] = []
  let length = 0
  for (const line of lines) {
    const text = discordLine(line, longestLine)
    if (length + text.length + 1 > max) break
    rendered.push(text)
    length += text.length + 1
  }
  return { text: rendered.filter(Boolean).join('\n'), left: lines.length - rendered.length }
}

const longestLine = 700

/** Text for places that know no markdown (labels, titles, values), cut between code points. */
export function discordLabel(text: string, max: number): string {
  return fit(clean(text).trim(), max, (character) => character).text
}

interface Fitted {
  readonly text: string
  readonly isCut: boolean
}

function fitSpan(span: Span, max: number): Fitted {
  if (typeof span === 'string') return fitText(span, max)
  if ('strong' in span) return wrap('**', fitText(span.strong, max - 4))
  // Inside backticks nothing can be escaped, so the one character that would end the span is swapped for its double.
  if ('code' in span)
    return wrap(
      '`',
      fit(clean(span.code).replaceAll('`', 'ˋ'), max - 2, (character) => character),
    )
  if ('time' in span) return wholeOrNothing(discordTime(span.time, span.style), max)
  const href = safeHref(span.href)
  return href ? wholeOrNothing(`[${fitText(span.link, 100).text}](${href})`, max) : fitText(span.link, max)
}

function fitText(text: string, max: number): Fitted {
  return fit(clean(text), max, escapeCharacter)
}

function fit(text: string, max: number, escape: (character: string) => string): Fitted {
  let whole = ''
  let kept = ''
  for (const character of text) {
    whole += escape(character)
    if (whole.length < max) kept = whole
    if (whole.length > max) return { text: max > 0 ? `${kept}…` : '', isCut: true }
  }
  return { text: whole, isCut: false }
}

function wrap(mark: string, inside: Fitted): Fitted {
  return inside.text.trim() === ''
    ? { text: '', isCut: inside.isCut }
    : { ...inside, text: mark + inside.text + mark }
}

function wholeOrNothing(entity: string, max: number): Fitted {
  return entity.length <= max ? { text: entity, isCut: false } : { text: '', isCut: true }
}

function escapeCharacter(character: string): string {
  return /[\\*_~`|<>[\]]/.test(character) ? `\\${character}` : character
}

/** Headings, quotes and lists are markup only where a line begins. */
function escapeLineStart(text: string): string {
  return text.replace(/^(?=[#+-])/, '\\').replace(/^(\d{1,9})(?=[.)])/, '$1\\')
}

/**
 * One line without anything invisible: control characters, halves of surrogate pairs, and the bidirectional marks that
 * could make a line read differently from what it says. A zero-width space keeps a bare address from becoming a link.
 */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/:(?=\/\/)/g, ':\u200b')
}

const timeStyles = { clock: 't', date: 'f', relative: 'R' } as const

/** Discord shows each reader their own zone; see "Message Formatting" in its developer documentation. */
function discordTime(iso: string, style: keyof typeof timeStyles): string {
  const at = Date.parse(iso)
  return Number.isFinite(at) ? `<t:${Math.floor(at / 1000)}:${timeStyles[style]}>` : clean(iso).slice(0, 40)
}

/** A web address that may be shown: no other schemes, no passwords, nothing that could end the markdown around it. */
export function safeHref(href: string): string | undefined {
  const url = URL.parse(href)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return undefined
  const safe = url.href.replaceAll('(', '%28').replaceAll(')', '%29')
  return safe.length <= 512 ? safe : undefined
}
