import { safeHref } from './discord-text.ts'
import type { Line, Span } from './message.ts'
import { printable } from './teams-text.ts'

/**
 * A line as Markdown that stays text wherever it is pasted: CommonMark, GitHub's, GitLab's, a wiki's. It is one line, and begins no
 * block, because it never stands at the beginning of one.
 */
export function markdownLine(line: Line): string {
  return line.map(markdownSpan).join('').trim()
}

export function markdownText(text: string): string {
  return markdownLine([text])
}

function markdownSpan(span: Span): string {
  if (typeof span === 'string') return escapeMarkdown(span)
  if ('strong' in span) return strong(span.strong)
  if ('code' in span) return escapeMarkdown(span.code)
  if ('time' in span) return markdownTime(span.time)
  const href = safeHref(span.href)
  return href ? `[${escapeMarkdown(span.link)}](${href})` : escapeMarkdown(span.link)
}

/** With a space inside its stars it would be none. */
function strong(text: string): string {
  const words = escapeMarkdown(text).trim()
  return words === '' ? '' : `**${words}**`
}

/** To the second, and in nobody's own zone: it is read side by side with logs. */
function markdownTime(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return escapeMarkdown(iso)
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' }

/** What is markup in the middle of a line; the rest is it at the beginning alone, or after one of these. */
const markup = /[!#$&*+<=>@[\\\]^_`{|}~]|:(?!\s|$)/g

/**
 * Every sign that could be markup is escaped. What some sites make of bare words after that, a mention, an address, a link to a
 * ticket, is broken up by a space that nobody sees.
 */
function escapeMarkdown(text: string): string {
  return printable(text)
    .replaceAll(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/@|[#!](?=[\p{L}\p{N}])|:(?=\/)|\bwww(?=\.)/giu, '$&\u200b')
    .replaceAll(markup, (sign) => entities[sign] ?? `\\${sign}`)
}
