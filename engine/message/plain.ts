import type { Line, Message, Span } from './message.ts'

/** The words alone: fallback texts, logs, screen readers. Instants are UTC, `2026-11-21 03:04 UTC`. */
export function plainLine(line: Line): string {
  return line.map(plainSpan).join('')
}

export function plainMessage(message: Message): string {
  return [
    message.headline,
    ...message.lines.map(plainLine),
    ...message.facts.map((fact) => `${fact.label}: ${plainLine(fact.value)}`),
    ...message.items.flatMap((item) => [
      plainLine(item.line),
      ...(item.detail ? [`  ${plainLine(item.detail)}`] : []),
    ]),
    ...message.notes.map(plainLine),
  ].join('\n')
}

function plainSpan(span: Span): string {
  if (typeof span === 'string') return span
  if ('strong' in span) return span.strong
  if ('code' in span) return span.code
  if ('time' in span) return plainTime(span.time)
  return `${span.link} (${span.href})`
}

export function plainTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}
