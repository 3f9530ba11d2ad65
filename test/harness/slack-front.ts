import pino from 'pino'
import type { Front, Identity, Place } from '#bot/front.ts'
import type { Refusal } from '#engine/audit.ts'
import type { Answer } from '#engine/command/answer.ts'
import { message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import type { Form, FormValues } from '#engine/view/form.ts'

/** A front with one alert, #42, and one form of two steps: enough state to tell what a door did to it. */
export interface SlackFront extends Front {
  readonly met: Identity[]
  readonly refused: Refusal[]
  readonly said: string[]
  readonly sent: FormValues[]
  readonly places: Place[]
  readonly logged: Record<string, unknown>[]
  /** What everything asked of this front waits for. */
  pause: Promise<void>
}

export function slackFront(): SlackFront {
  const logged: Record<string, unknown>[] = []
  let acknowledgedBy: string | undefined
  let drafts = 0

  const say = (text: string, person: Person): Answer => {
    if (text === 'break') throw new Error('connection to postgres://tocsin:hunter2@db failed')
    if (text === 'rule create' || text === 'silence 42')
      return { kind: 'form', form: step(`draft-${++drafts}`, 1) }
    if (text === 'list') return { kind: 'message', message: message({ headline: 'One alert is open' }) }
    if (text !== 'ack 42') return { kind: 'refused', because: `I do not know "${text}".` }
    if (person.role === 'VIEWER') return { kind: 'refused', because: 'You may look but not act.' }
    if (acknowledgedBy !== undefined)
      return { kind: 'refused', because: `Already acknowledged by ${acknowledgedBy}.` }
    acknowledgedBy = person.name
    return { kind: 'message', message: message({ headline: 'Done' }) }
  }

  const front: SlackFront = {
    met: [],
    refused: [],
    said: [],
    sent: [],
    places: [],
    logged,
    pause: Promise.resolve(),
    clock: () => new Date(),
    log: pino({ level: 'debug' }, { write: (line) => void logged.push(JSON.parse(line)) }),
    meet: async (identity) => {
      front.met.push(identity)
      const role = identity.mayOnlyLook === true ? 'VIEWER' : 'OPERATOR'
      return { kind: 'person', id: identity.externalId, name: identity.name, surface: 'slack', role }
    },
    say: async (text, person) => {
      front.said.push(text)
      await front.pause
      return say(text, person)
    },
    perform: async (command) => ({
      kind: 'message',
      message: message({ headline: `This is the ${command.name}` }),
    }),
    submit: async (formId, values) => {
      front.sent.push(values)
      await front.pause
      return answerForm(formId, values)
    },
    reopen: async (formId) => ({ kind: 'form', form: step(formId, 1) }),
    rememberPlace: async (place) => void front.places.push(place),
    forgetPlace: async () => {},
    noteRefusal: (refusal) => void front.refused.push(refusal),
  }
  return front
}

function answerForm(formId: string, values: FormValues): Answer {
  if (values['name'] === 'taken') return { kind: 'form', form: step(formId, 1, 'This name is taken.') }
  if ('elsewhere' in values)
    return { kind: 'form', form: step(formId, 1, 'Go back and choose another name.') }
  if (values['name'] === 'break') throw new Error('select * from secrets failed')
  if (values['name'] === 'gone') return { kind: 'refused', because: 'That form is no longer open.' }
  if ('threshold' in values) return { kind: 'message', message: message({ headline: 'Saved: Orders' }) }
  return { kind: 'form', form: step(formId, 2) }
}

function step(id: string, step: 1 | 2, error?: string): Form {
  const name = step === 1 ? 'name' : 'threshold'
  const field = {
    kind: 'text',
    name,
    label: name,
    required: true,
    ...(error !== undefined && { error }),
  } as const
  return { id, title: 'Create a rule', step, steps: 2, intro: [], fields: [field], submitLabel: 'Next' }
}
