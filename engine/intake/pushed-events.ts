import type { ServiceEvent } from '#engine/check-event.ts'
import type { Event } from '#engine/event.ts'
import type { Arrival } from './each-event.ts'
import { readFlapjackEvent } from './flapjack.ts'
import { readJson, type ReadJson } from './json.ts'

export interface EventRefusal {
  /** Its place among those that were sent, from 0. */
  readonly index: number
  /** `unsupported`: it can be read, but this door does not do it. */
  readonly kind: 'wrong' | 'unsupported'
  readonly problems: readonly [string, ...string[]]
}

export interface PushedEvents {
  readonly events: readonly Event[]
  readonly refused: readonly EventRefusal[]
}

/** Flapjack's own defaults (1.6.0) for a failure that names no delay. */
const defaultDelays = { initialFailureDelaySeconds: 30, repeatFailureDelaySeconds: 60 }

/**
 * The body of `POST /api/v1/events`, one event in Flapjack's form, an array of them, or one a line:
 *
 *     { "type": "service", "state": "critical", "entity": "web-11", "check": "HTTP Port 80",
 *       "summary": "Connection refused", "tags": ["shop"], "initial_failure_delay": 30 }
 *
 * Good events are kept beside bad ones.
 */
export function readPushedEvents(text: string, form: 'json' | 'lines', arrival: Arrival): PushedEvents {
  const results = (form === 'lines' ? lines(text) : members(text)).map((json, index) =>
    readOne(json, index, arrival),
  )
  return {
    events: results.flatMap((result) => ('problems' in result ? [] : [result])),
    refused: results.flatMap((result) => ('problems' in result ? [result] : [])),
  }
}

function lines(text: string): ReadJson[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readJson)
}

function members(text: string): ReadJson[] {
  const json = readJson(text)
  if ('problem' in json || !Array.isArray(json.value)) return [json]
  return json.value.map((value: unknown) => ({ value }))
}

function readOne(json: ReadJson, index: number, arrival: Arrival): Event | EventRefusal {
  if ('problem' in json) {
    return { index, kind: 'wrong', problems: [`It cannot be read as JSON: ${json.problem}.`] }
  }
  const reading = readFlapjackEvent(json.value)
  if (reading.kind === 'refused') return { index, kind: 'wrong', problems: reading.problems }
  if (reading.event.kind === 'service') return toEvent(reading.event, arrival)
  return { index, kind: 'unsupported', problems: [instead[reading.event.kind]] }
}

const instead = {
  acknowledgement:
    'An acknowledgement is not taken here: acknowledge the alert in the chat, with its button or "ack 42".',
  test: 'Test notifications are not sent from here: send a service event of a check made up for it, and then its ok.',
} as const

/** It speaks of its arrival: what the source says of the time is shown and decides nothing (Flapjack's rule). */
function toEvent(event: ServiceEvent, { environment, now }: Arrival): Event {
  const { entity, check, state, tags } = event
  const initial = event.initialFailureDelaySeconds
  const repeat = event.repeatFailureDelaySeconds === 'never' ? 0 : event.repeatFailureDelaySeconds
  return {
    environment,
    entity,
    check,
    state,
    at: now,
    title: `${check} on ${entity}`,
    summary: [event.summary, event.details].filter((part) => part !== null).join('\n'),
    labels: tags.length > 0 ? { tags: tags.join(',') } : {},
    initialFailureDelaySeconds: initial ?? defaultDelays.initialFailureDelaySeconds,
    repeatFailureDelaySeconds: repeat ?? defaultDelays.repeatFailureDelaySeconds,
  }
}
