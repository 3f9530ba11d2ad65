import { arrivedEvent } from '#engine/event.ts'
import { type BodyForm, membersOf, readEachEvent, type ReadEvent, type ReadEvents } from './each-event.ts'
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
