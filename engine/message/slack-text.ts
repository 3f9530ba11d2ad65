import type { Line, Span } from './message.ts'
import { plainTime } from './plain.ts'

const ellipsis = '…'
/** More than any limit lets through, so that a megabyte of log line costs nothing. */
const longestLookedAt = 10_000

export interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
}

export interface Mrkdwn {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}

/** Plain text where Slack reads no markup (headers, buttons, labels): cleaned, one line, cut by code points. */
export function plainText(text: string, limit: number): PlainText {
  const points = Array.from(clean(text).replace(/\s+/gu, ' ').trim())
  const cut = points.length > limit ? [...points.slice(0, limit - 1), ellipsis] : points
  return { type: 'plain_text', text: cut.join('') || ellipsis }
}

/**
 * Lines as mrkdwn, never longer than the limit and never cut inside an entity or a piece of markup.
 * `verbatim` keeps Slack from turning bare URLs, channel names and mentions into links by itself.
 */
export function mrkdwn(lines: readonly Line[], limit: number): Mrkdwn {
  const pieces = lines
    .flatMap((line, at) => [...(at > 0 ? [newline] : []), ...line.map(spanPiece)])
    .filter(({ body }) => body !== '')
  return { type: 'mrkdwn', text: join(pieces, limit) || ellipsis, verbatim: true }
}

/** The words between the markup; only `body` may be shortened. */
interface Piece {
  readonly open: string
  readonly body: string
  readonly close: string
}

const newline: Piece = { open: '', body: '\n', close: '' }

function join(pieces: readonly Piece[], limit: number): string {
  const whole = pieces.map((piece) => piece.open + piece.body + piece.close).join('')
  if (length(whole.slice(0, 2 * limit + 1)) <= limit) return whole
  const kept: string[] = []
  let room = limit - length(ellipsis)
  for (const { open, body, close } of pieces) {
    const shorter = cutEscaped(body, room - length(open + close))
    if (shorter === '') break
    kept.push(open + shorter + close)
    room -= length(open + shorter + close)
    if (shorter !== body) break
  }
  return kept.join('') + ellipsis
}

/** Every `&` of an escaped text begins an entity, so one left without its `;` at the end was cut in two. */
function cutEscaped(escaped: string, room: number): string {
  if (room <= 0) return ''
  const points = Array.from(escaped.slice(0, 2 * room + 1))
  if (points.length <= room) return escaped
  return points
    .slice(0, room)
    .join('')
    .replace(/&[a-z]*$/u, '')
}

function length(text: string): number {
  return Array.from(text).length
}

function spanPiece(span: Span): Piece {
  if (typeof span === 'string') return { open: '', body: literal(span), close: '' }
  if ('strong' in span) return wrap('*', span.strong)
  if ('code' in span)
    return { open: '`', body: oneLine(escape(clean(span.code))).replaceAll('`', 'ˋ') || ' ', close: '`' }
  if ('time' in span) return timePiece(span.time, span.style)
  return linkPiece(span.link, span.href)
}

function wrap(mark: string, text: string): Piece {
  const body = oneLine(literal(text)).trim()
  return body === '' ? { open: '', body: '', close: '' } : { open: mark, body, close: mark }
}

const dateTokens = { clock: '{time}', date: '{date_short_pretty} {time}', relative: '{ago}' } as const

/** https://docs.slack.dev/messaging/formatting-message-text: shown in the zone of whoever reads it. */
function timePiece(iso: string, style: keyof typeof dateTokens): Piece {
  const seconds = Math.floor(Date.parse(iso) / 1000)
  if (!Number.isFinite(seconds)) return { open: '', body: literal(iso), close: '' }
  const fallback = plainTime(new Date(seconds * 1000).toISOString())
  return { open: `<!date^${seconds}^${dateTokens[style]}|`, body: fallback, close: '>' }
}

function linkPiece(label: string, href: string): Piece {
  const url = webAddress(href)
  const body = oneLine(literal(label)).trim()
  if (url === undefined) return { open: '', body, close: '' }
  return { open: `<${escape(url)}|`, body: body || escape(url), close: '>' }
}

/** A link anyone can follow, or undefined: never a `javascript:` or `file:` one, never one that ends our markup. */
export function webAddress(href: string): string | undefined {
  const url = URL.parse(href)
  if (!url || !/^https?:$/u.test(url.protocol)) return undefined
  const address = url.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E')
  return length(address) <= 3000 ? address : undefined
}

/** The text as it is: no mention, link, emphasis, code or quotation can come out of it. */
function literal(text: string): string {
  return defuse(escape(clean(text)))
}

/** Slack asks for exactly these three, https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const lookAlike: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' }

/**
 * mrkdwn has no escape for its own marks. Between two letters they mean nothing (`order_service` stays as it is and
 * can be copied); anywhere else a look-alike stands in. A soft hyphen keeps a leading `>` from opening a quotation.
 */
function defuse(escaped: string): string {
  return escaped
    .replace(/`|(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu, (mark) => lookAlike[mark] ?? mark)
    .replace(/^(\s*)&gt;/gmu, '$1\u00AD&gt;')
}

/** Drops what no reader can see and a payload may choke on: control characters, text direction overrides, halves of pairs. */
function clean(text: string): string {
  return text
    .slice(0, longestLookedAt)
    .toWellFormed()
    .replace(/\r\n?/gu, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069\uFEFF]/gu, '')
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/gu, ' ')
}
