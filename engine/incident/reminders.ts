import type { TimelineEntry, TimelineKind } from './timeline.ts'

const beginnings: ReadonlySet<TimelineKind> = new Set(['fired', 'reopened'])

/** A story in which each reminder knows which one it is since the incident fired: the third one reads differently from the first. */
export function numberReminders(timeline: readonly TimelineEntry[]): TimelineEntry[] {
  let nth = 0
  return timeline.map((entry) => {
    if (beginnings.has(entry.kind)) nth = 0
    if (entry.kind !== 'reminded') return entry
    nth += 1
    return { ...entry, details: { ...entry.details, nth } }
  })
}

/** The same entry as the story tells it. */
export function asTold(entry: TimelineEntry, timeline: readonly TimelineEntry[]): TimelineEntry {
  return timeline.find(({ at, kind }) => kind === entry.kind && at.getTime() === entry.at.getTime()) ?? entry
}
