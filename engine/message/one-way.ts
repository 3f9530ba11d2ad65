import type { Fact, Item, Line, Message, Span } from './message.ts'
import type { Tellable } from './subject.ts'

/** More than any of these places shows, so that a megabyte of telemetry costs nothing. */
const longestText = 3000
const most = { lines: 20, facts: 30, items: 50, notes: 30 } as const

/**
 * A message for a place that only listens: what would have to be answered is left out, and where it can be answered is linked
 * to. `news`: the line it is told for, where the place keeps no living message.
 */
export function oneWay(message: Tellable, news?: Line): Message {
  const { subject, actions, headline, lines, facts, items, notes, ...same } = message
  const link = subject?.link ? [{ kind: 'link' as const, label: 'Open in Tocsin', href: subject.link }] : []
  const told = news ? [news, ...lines] : lines
  return {
    ...same,
    headline: cut(headline),
    lines: told.slice(0, most.lines).map(cutLine),
    facts: facts.slice(0, most.facts).map(cutFact),
    items: items.slice(0, most.items).map(cutItem),
    notes: notes.slice(-most.notes).map(cutLine),
    actions: [...actions.filter((action) => action.kind === 'link'), ...link],
  }
}

function cutFact({ label, value }: Fact): Fact {
  return { label: cut(label), value: cutLine(value) }
}

function cutItem({ tone, line, detail }: Item): Item {
  return { tone, line: cutLine(line), ...(detail && { detail: cutLine(detail) }) }
}

function cutLine(line: Line): Line {
  return line.map(cutSpan)
}

function cutSpan(span: Span): Span {
  if (typeof span === 'string') return cut(span)
  if ('strong' in span) return { strong: cut(span.strong) }
  if ('code' in span) return { code: cut(span.code) }
  return 'time' in span ? span : { link: cut(span.link), href: span.href }
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1).toWellFormed()}…` : text
}
