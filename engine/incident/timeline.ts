import type { Line } from '#engine/message/message.ts'
import { type Actor, actorName } from '#engine/person.ts'

export type TimelineKind =
  | 'fired'
  | 'severity-rose'
  | 'joined'
  | 'part-recovered'
  | 'reminded'
  | 'acknowledged'
  | 'escalated'
  | 'asked'
  | 'unacknowledged'
  | 'silenced'
  | 'resolved'
  | 'recovered'
  | 'still-firing'
  | 'reopened'
  | 'cleared'
  | 'flapping-started'
  | 'flapping-stopped'

export interface TimelineEntry {
  readonly at: Date
  readonly actor: Actor
  readonly kind: TimelineKind
  /**
   * `until`: ISO 8601 end of a silence. `reopensAt`: ISO 8601, when what was closed by hand opens again. `reason`: what the
   * person wrote. `lasted`: as people read it. `outlasted`: what kept it quiet. `about`: which of its alerts; `others`: how many
   * more of them. `nth`: which reminder it is.
   */
  readonly details: Readonly<{
    until?: string
    reopensAt?: string
    reason?: string
    lasted?: string
    outlasted?: Outlasted
    about?: string
    others?: number
    nth?: number
  }>
}

export type Outlasted = 'silence' | 'maintenance' | 'inhibition'

const ended: Record<Outlasted, string> = {
  silence: 'the silence ended',
  maintenance: 'the maintenance ended',
  inhibition: 'what inhibited it has cleared',
}

/** What happened, in one line: the thread reply, the small print, and the story of `show`. */
export function timelineLine(entry: TimelineEntry): Line {
  const who = { strong: actorName(entry.actor) }
  const reason = entry.details.reason ? [`: ${entry.details.reason}`] : []
  switch (entry.kind) {
    case 'fired':
      return ['It fired.']
    case 'severity-rose':
      return ['It got worse.']
    case 'joined':
      return [entry.details.about ?? 'Another alert', ...others(entry), ' joined it.']
    case 'part-recovered':
      return [entry.details.about ?? 'One of its alerts', ...others(entry), ' cleared; others still fire.']
    case 'reminded':
      return [reminder(entry)]
    case 'acknowledged':
      return [...aboutOne(entry), 'Acknowledged by ', who, '.']
    case 'escalated':
      return [
        `Nobody has acknowledged it${entry.details.lasted ? ` for ${entry.details.lasted}` : ''}: `,
        { strong: entry.details.about ?? 'more people' },
        ' hears of it now.',
      ]
    case 'asked':
      return [
        `Acknowledged ${entry.details.lasted ?? 'long'} ago, and it still fires. Is somebody on it? Acknowledge it again, or it waits for somebody `,
        ...(entry.details.until ? [{ time: entry.details.until, style: 'clock' } as const] : ['soon']),
        '.',
      ]
    case 'unacknowledged':
      return ['Nobody followed up on the acknowledgement, so it has ended.']
    case 'silenced':
      return [who, ' silenced it', ...until(entry.details.until), ...reason]
    case 'resolved':
      return [
        ...aboutOne(entry),
        who,
        ' resolved it by hand. ',
        ...(entry.details.reopensAt
          ? [
              'It opens again ',
              { time: entry.details.reopensAt, style: 'date' } as const,
              ' if it still fails.',
            ]
          : ['It stays quiet until it has cleared once.']),
      ]
    case 'reopened':
      return ['It still fails although it was resolved by hand, so it is open again.']
    case 'cleared':
      return ['It has cleared. When it fails again, that is news again.']
    case 'flapping-started':
      return ['It is flapping. Until it calms down, its turns only edit this message.']
    case 'flapping-stopped':
      return ['It has stopped flapping.']
    case 'recovered':
      return ['It cleared by itself', entry.details.lasted ? ` after ${entry.details.lasted}.` : '.']
    case 'still-firing':
      return [`Still firing after ${ended[entry.details.outlasted ?? 'silence']}.`]
  }
}

/** One of several. */
function aboutOne({ details: { about } }: TimelineEntry): Line {
  return about === undefined ? [] : [`${about}: `]
}

function reminder({ details: { nth, lasted } }: TimelineEntry): string {
  const after = lasted === undefined ? '' : ` after ${lasted}`
  if (nth === undefined) return `Still failing${after}, and nobody has acknowledged it.`
  return `${ordinal(nth)} reminder${after}: it still fails, and nobody has acknowledged it.`
}

function ordinal(number: number): string {
  const isTeen = number % 100 >= 11 && number % 100 <= 13
  return `${number}${(isTeen ? undefined : ['th', 'st', 'nd', 'rd'][number % 10]) ?? 'th'}`
}

function others({ details: { others: count = 0 } }: TimelineEntry): Line {
  return count > 0 ? [` and ${count} more`] : []
}

function until(iso: string | undefined): Line {
  return iso ? [' until ', { time: iso, style: 'date' }] : []
}
