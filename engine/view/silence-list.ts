import { type Item, type Line, type Message, message } from '#engine/message/message.ts'
import { actorName } from '#engine/person.ts'
import { currentSpan, type ScheduledSilence, silenceState } from '#engine/suppress/silence-schedule.ts'
import { shortId } from './short-id.ts'

interface SilencePage {
  readonly silences: readonly ScheduledSilence[]
  /** What each is about, by its id. */
  readonly names: ReadonlyMap<string, string>
  readonly hasMore: boolean
}

/** As many as one looks through. */
export const silencesPerPage = 20

/** `silences`: in force and to come, what ends first first. */
export function silenceList({ silences, names, hasMore }: SilencePage, now: Date): Message {
  if (silences.length === 0) return message({ headline: 'Nothing is silenced, and nothing will be.' })
  const active = silences.filter((one) => silenceState(one, now) === 'active').length
  const count = hasMore ? `More than ${silences.length}` : `${silences.length}`
  return message({
    headline: `${count} ${silences.length === 1 ? 'silence' : 'silences'}, ${active} in force now`,
    items: silences.map((silence) => item(silence, names.get(silence.id) ?? '', now)),
    notes: hasMore ? [['The others are in the API: GET /api/v1/silences.']] : [],
  })
}

function item(silence: ScheduledSilence, name: string, now: Date): Item {
  const id = shortId(silence.id)
  const isActive = silenceState(silence, now) === 'active'
  return {
    tone: isActive ? 'acknowledged' : 'neutral',
    line: [{ code: id }, ' ', { strong: name }],
    detail: [...when(silence, now), ` · by ${actorName(silence.createdBy)}`, ...reason(silence.reason)],
    action: { kind: 'button', label: 'End now', command: `silence expire ${id}`, style: 'danger' },
  }
}

export function when(silence: ScheduledSilence, now: Date): Line {
  const span = currentSpan(silence, now) ?? silence
  const end = { time: span.endsAt.toISOString(), style: 'date' } as const
  const repeats = silence.recurrence
    ? [', again ', { code: silence.recurrence.cron }, ` in ${silence.recurrence.zone}`]
    : []
  return span.startsAt <= now
    ? ['until ', end, ...repeats]
    : ['from ', { time: span.startsAt.toISOString(), style: 'date' }, ' until ', end, ...repeats]
}

function reason(text: string): Line {
  return text === '' ? [] : [` · ${text}`]
}
