import type { Action, Fact, Item, Line, Message, Span, Tone } from './message.ts'
import { plainTime } from './plain.ts'
import { sparkline } from './sparkline.ts'
import { printable, webAddress } from './teams-text.ts'

/** Mail programs know tables and inline styles, and not much else. */
const colours: Record<Tone, string> = {
  critical: '#d92d20',
  warning: '#b54708',
  info: '#175cd3',
  acknowledged: '#854a0e',
  resolved: '#067647',
  neutral: '#344054',
}

const longestText = 4000
const mostRows = 100

export function emailHtml(message: Message): string {
  const { tone, headline, lines, facts, items, picture, notes, actions } = message
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="margin:0;padding:16px;font:15px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;color:#101828">',
    `<div style="max-width:640px;border-left:4px solid ${colours[tone]};padding:0 0 0 16px">`,
    `<h1 style="font-size:18px;margin:0 0 8px;color:${colours[tone]}">${escape(headline)}</h1>`,
    ...lines.slice(0, mostRows).map((line) => `<p style="margin:0 0 8px">${drawLine(line)}</p>`),
    ...(picture ? [`<p style="margin:0 0 8px;font-family:monospace">${escape(sparkline(picture))}</p>`] : []),
    drawFacts(facts),
    ...items.slice(0, mostRows).map(drawItem),
    ...notes
      .slice(0, mostRows)
      .map((note) => `<p style="margin:0;font-size:13px;color:#667085">${drawLine(note)}</p>`),
    ...actions.map(drawLink),
    '</div></body></html>',
  ].join('\n')
}

function drawFacts(facts: readonly Fact[]): string {
  if (facts.length === 0) return ''
  const rows = facts
    .slice(0, mostRows)
    .map(
      ({ label, value }) =>
        `<tr><th style="text-align:left;font-weight:600;padding:2px 16px 2px 0;vertical-align:top">${escape(label)}</th><td style="padding:2px 0">${drawLine(value)}</td></tr>`,
    )
  return `<table role="presentation" style="border-collapse:collapse;margin:0 0 12px">${rows.join('')}</table>`
}

function drawItem({ tone, line, detail }: Item): string {
  const mark = `<span style="color:${colours[tone]}">●</span>`
  const below = detail ? `<br><span style="color:#667085">${drawLine(detail)}</span>` : ''
  return `<p style="margin:0 0 4px">${mark} ${drawLine(line)}${below}</p>`
}

function drawLink(action: Action): string {
  if (action.kind !== 'link') return ''
  const href = webAddress(action.href)
  return href ? `<p style="margin:12px 0 0"><a href="${escape(href)}">${escape(action.label)}</a></p>` : ''
}

function drawLine(line: Line): string {
  return line.map(drawSpan).join('')
}

function drawSpan(span: Span): string {
  if (typeof span === 'string') return escape(span).replaceAll('\n', '<br>')
  if ('strong' in span) return `<strong>${escape(span.strong)}</strong>`
  if ('code' in span) return `<code>${escape(span.code)}</code>`
  if ('time' in span) return escape(plainTime(span.time))
  const href = webAddress(span.href)
  // Where it leads is written out: a mail is where people are told lies about links.
  return href ? `${escape(span.link)} (<a href="${escape(href)}">${escape(href)}</a>)` : escape(span.link)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return printable(text.slice(0, longestText)).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
