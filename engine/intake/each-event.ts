import type { Event } from '#engine/event.ts'
import { readJson } from './json.ts'

/** Where and when it arrived. */
export interface Arrival {
  readonly environment: string
  readonly now: Date
}

/** One JSON value, or one a line (NDJSON). */
export type BodyForm = 'json' | 'lines'

export interface EventRefusal {
  /** Its place among those that were sent, from 0. */
  readonly index: number
  readonly problems: readonly [string, ...string[]]
}

/** What could be read, and why the rest could not; good events are kept beside bad ones. */
export interface ReadEvents<Read extends Event = Event> {
  readonly events: readonly Read[]
  readonly refused: readonly EventRefusal[]
}

export type ReadEvent<Read extends Event = Event> =
  | { readonly event: Read }
  | { readonly problems: readonly [string, ...string[]] }

/** One of those that were sent, or why it is none, in a whole sentence. */
type Member = { readonly value: unknown } | { readonly problem: string }

/** More than fit into a body where each says something; an answer that names each of them stays bearable. */
const mostMembers = 50_000

/** One event, an array of them at the place that `list` finds, or either of these on each line. */
export function membersOf(
  text: string,
  form: BodyForm,
  list: (payload: unknown) => unknown = (payload) => payload,
): Member[] {
  const bodies = form === 'json' ? [text] : text.split('\n').filter((line) => line.trim() !== '')
  // Before they are read: to find out for each of millions of lines that it is no JSON takes long.
  if (bodies.length > mostMembers) return [tooMany(bodies.length)]
  const members = bodies
    .map(readMember)
    .flatMap((body) => ('problem' in body ? [body] : unfold(list(body.value))))
  return members.length > mostMembers ? [tooMany(members.length)] : members
}

function tooMany(count: number): Member {
  return { problem: `The body holds ${count} events, ${mostMembers} are the most: send several requests.` }
}

export function readMember(text: string): Member {
  const json = readJson(text)
  return 'problem' in json ? { problem: `It cannot be read as JSON: ${json.problem}.` } : json
}

export function readEachEvent<Read extends Event>(
  members: readonly Member[],
  read: (item: unknown) => ReadEvent<Read>,
): ReadEvents<Read> {
  const events: Read[] = []
  const refused: EventRefusal[] = []
  for (const [index, member] of members.entries()) {
    const result = 'problem' in member ? refusal(member.problem) : read(member.value)
    if ('event' in result) events.push(result.event)
    else refused.push({ index, problems: result.problems })
  }
  return { events, refused }
}

export function refusal(problem: string): { readonly problems: readonly [string] } {
  return { problems: [problem] }
}

function unfold(found: unknown): Member[] {
  const items: readonly unknown[] = Array.isArray(found) ? found : [found]
  return items.map((value) => ({ value }))
}
