import type { HealthEvent } from '#engine/event.ts'
import { readJson } from './json.ts'

/** Where and when it arrived. */
export interface Arrival {
  readonly environment: string
  readonly now: Date
}

/** What could be read, and a sentence for each thing that could not; good events are kept beside bad ones. */
export interface ReadEvents {
  readonly events: readonly HealthEvent[]
  readonly problems: readonly string[]
}

export type ReadEvent = { readonly event: HealthEvent } | { readonly problem: string }

/** A body of JSON: one event, or an array of them at the place that `list` finds. */
export function readEachEvent(
  text: string,
  list: (payload: unknown) => unknown,
  read: (item: unknown) => ReadEvent,
): ReadEvents {
  const json = readJson(text)
  if ('problem' in json)
    return { events: [], problems: [`The body cannot be read as JSON: ${json.problem}.`] }
  const found = list(json.value)
  const items: readonly unknown[] = Array.isArray(found) ? found : [found]
  const results = items.map(read)
  return {
    events: results.flatMap((result) => ('event' in result ? result.event : [])),
    problems: results.flatMap((result, index) =>
      'problem' in result ? `Event ${index + 1}: ${result.problem}` : [],
    ),
  }
}
