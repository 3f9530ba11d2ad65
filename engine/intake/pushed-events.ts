import { arrivedEvent, type Event } from '#engine/event.ts'
import { readFlapjackEvent } from './flapjack.ts'
import { readJson, type ReadJson } from './json.ts'

export interface EventRefusal {
  /** Its place among those that were sent, from 0. */
  readonly index: number
  readonly problems: readonly [string, ...string[]]
}

export interface PushedEvents {
  readonly events: readonly Event[]
  readonly refused: readonly EventRefusal[]
}

/**
 * The body of `POST /api/v1/events`, one event in Flapjack's form, an array of them, or one a line:
 *
 *     { "type": "service", "state": "critical", "entity": "web-11", "check": "HTTP Port 80",
 *       "summary": "Connection refused", "tags": ["shop"], "initial_failure_delay": 30 }
 *
 * Good events are kept beside bad ones.
 */
export function readPushedEvents(text: string, form: 'json' | 'lines', environment: string): PushedEvents {
  const results = (form === 'lines' ? lines(text) : members(text)).map((json, index) =>
    readOne(json, index, environment),
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

function readOne(json: ReadJson, index: number, environment: string): Event | EventRefusal {
  if ('problem' in json) return { index, problems: [`It cannot be read as JSON: ${json.problem}.`] }
  const reading = readFlapjackEvent(json.value)
  if (reading.kind === 'refused') return { index, problems: reading.problems }
  const { tags } = reading.event
  return {
    ...arrivedEvent(reading.event, environment),
    labels: tags.length > 0 ? { tags: tags.join(',') } : {},
  }
}
