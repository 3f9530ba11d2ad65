import type { Line, Span } from '#engine/message/message.ts'
import { useNow } from './server-clock.ts'
import { clockTime, dateTime, relativeTime, wholeTime } from './times.ts'

/** One line of a message. Everything in it is text; only http and https become links. */
export function Words({ line }: { readonly line: Line }) {
  // A line's spans never change places, they are only replaced as a whole.
  return line.map((span, at) => <OneSpan key={at} span={span} />)
}

function OneSpan({ span }: { readonly span: Span }) {
  if (typeof span === 'string') return span
  if ('strong' in span) return <strong>{span.strong}</strong>
  if ('code' in span) return <code>{span.code}</code>
  if ('time' in span) return <Instant iso={span.time} style={span.style} />
  return <SafeLink href={span.href} label={span.link} />
}

export function SafeLink({ href, label, className }: { href: string; label: string; className?: string }) {
  const url = URL.canParse(href) ? new URL(href) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    return <span className={className}>{label}</span>
  return (
    <a href={url.href} target="_blank" rel="noopener noreferrer" className={className}>
      {label}
    </a>
  )
}

export function Instant({
  iso,
  style,
}: {
  readonly iso: string
  readonly style: 'clock' | 'date' | 'relative'
}) {
  if (Number.isNaN(Date.parse(iso))) return iso
  if (style === 'relative') return <Relative iso={iso} />
  return (
    <time dateTime={iso} title={wholeTime(iso)}>
      {style === 'clock' ? clockTime(iso) : dateTime(iso)}
    </time>
  )
}

function Relative({ iso }: { readonly iso: string }) {
  const now = useNow()
  return (
    <time dateTime={iso} title={wholeTime(iso)}>
      {relativeTime(iso, now)}
    </time>
  )
}
