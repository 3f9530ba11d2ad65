import { arrivedEvent } from '#engine/event.ts'
import {
  type BodyForm,
  membersOf,
  readEachEvent,
  type ReadEvent,
  type ReadEvents,
  readMember,
} from './each-event.ts'
import { readFlapjackEvent } from './flapjack.ts'

/**
 * The body of `POST /api/v1/events`, one event in Flapjack's form, an array of them, or one a line:
 *
 *     { "type": "service", "state": "critical", "entity": "web-11", "check": "HTTP Port 80",
 *       "summary": "Connection refused", "tags": ["shop"], "initial_failure_delay": 30 }
 */
export function readPushedEvents(text: string, form: BodyForm, environment: string): ReadEvents {
  return readEachEvent(membersOf(text, form), (item) => readOne(item, environment))
}

/** Far more than any check says; so many of them still make one row. */
const longestText = 65_536

/** The same as they lie in the Redis list of Flapjack's producers: each text is one event. */
export function readQueuedEvents(texts: readonly string[], environment: string): ReadEvents {
  const members = texts.map((text) =>
    text.length > longestText
      ? { problem: `It has ${text.length} characters; ${longestText} are the most for one event.` }
      : readMember(text),
  )
  return readEachEvent(members, (item) => readOne(item, environment))
}

function readOne(item: unknown, environment: string): ReadEvent {
  const reading = readFlapjackEvent(item)
  if (reading.kind === 'refused') return { problems: reading.problems }
  const { tags } = reading.event
  return {
    event: {
      ...arrivedEvent(reading.event, environment),
      labels: tags.length > 0 ? { tags: tags.join(',') } : {},
    },
  }
}
