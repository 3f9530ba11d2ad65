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
   * more of them. `nth`: which reminder it is. `by`: whoever pushed what says so.
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
    by?: string
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
  return lines[entry.kind](entry)
}

const lines: Readonly<Record<TimelineKind, (entry: TimelineEntry) => Line>> = {
  fired: (entry) => ['It fired', ...says(entry), '.'],
  'severity-rose': () => ['It got worse.'],
  joined: (entry) => [entry.details.about ?? 'Another alert', ...others(entry), ' joined it.'],
  'part-recovered': (entry) => [
    entry.details.about ?? 'One of its alerts',
    ...others(entry),
    ' cleared',
    ...says(entry),
    '; others still fire.',
  ],
  reminded: (entry) => [reminder(entry)],
  acknowledged: (entry) => [...aboutOne(entry), 'Acknowledged by ', who(entry), '.'],
  escalated: ({ details: { lasted, about } }) => [
    `Nobody has acknowledged it${lasted ? ` for ${lasted}` : ''}: `,
    { strong: about ?? 'more people' },
    ' hears of it now.',
  ],
  asked: ({ details: { lasted, until: end } }) => [
    `Acknowledged ${lasted ?? 'long'} ago, and it still fires. Is somebody on it? Acknowledge it again, or it waits for somebody `,
    ...(end ? [{ time: end, style: 'clock' } as const] : ['soon']),
    '.',
  ],
  unacknowledged: () => ['Nobody followed up on the acknowledgement, so it has ended.'],
  silenced: (entry) => [
    who(entry),
    ' silenced it',
    ...until(entry.details.until),
    ...(entry.details.reason ? [`: ${entry.details.reason}`] : []),
  ],
  resolved: (entry) => [
    ...aboutOne(entry),
    who(entry),
    ' resolved it by hand. ',
    ...whatFollows(entry.details.reopensAt),
  ],
  reopened: () => ['It still fails although it was resolved by hand, so it is open again.'],
  cleared: (entry) => ['It has cleared', ...says(entry), '. When it fails again, that is news again.'],
  'flapping-started': () => ['It is flapping. Until it calms down, its turns only edit this message.'],
  'flapping-stopped': () => ['It has stopped flapping.'],
  recovered: (entry) => {
    const { lasted } = entry.details
    return [`It cleared by itself${lasted ? ` after ${lasted}` : ''}`, ...says(entry), '.']
  },
  'still-firing': ({ details: { outlasted = 'silence' } }) => [`Still firing after ${ended[outlasted]}.`],
}

function who({ actor }: TimelineEntry) {
  return { strong: actorName(actor) }
}

function whatFollows(reopensAt: string | undefined): Line {
  if (!reopensAt) return ['It stays quiet until it has cleared once.']
  return ['It opens again ', { time: reopensAt, style: 'date' }, ' if it still fails.']
}

/** Anybody may say of any check that it is well, so it is said who did. */
function says({ details: { by } }: TimelineEntry): Line {
  return by === undefined ? [] : [', says ', { strong: by }]
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
