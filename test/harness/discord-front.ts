import pino from 'pino'
import type { Front, Identity, Place } from '#bot/front.ts'
import type { Refusal } from '#engine/audit.ts'
import type { Answer } from '#engine/command/answer.ts'
import { message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import type { Field, Form, FormValues } from '#engine/view/form.ts'

export interface DiscordFront extends Front {
  readonly met: Identity[]
  readonly refused: Refusal[]
  readonly places: Place[]
  readonly said: string[]
  readonly rules: FormValues[]
  readonly logged: string[]
  /** Who acknowledged #42. */
  acknowledgedBy: string | undefined
  /** What the next answer waits for. */
  holdUp: Promise<void> | undefined
}

/** The far side of the door with one alert, #42, and one form of three steps, for trying the door alone. */
export function discordFront(): DiscordFront {
  const drafts = new Map<string, { step: number; values: FormValues; errors: FormValues }>()
  const logged: string[] = []
  const front: DiscordFront = {
    met: [],
    refused: [],
    places: [],
    said: [],
    rules: [],
    logged,
    acknowledgedBy: undefined,
    holdUp: undefined,
    clock: () => new Date(),
    log: pino({ level: 'debug' }, { write: (line) => void logged.push(line) }),
    meet: async (identity) => {
      front.met.push(identity)
      return asPerson(identity)
    },
    rememberPlace: async (place) => void front.places.push(place),
    forgetPlace: () => Promise.resolve(),
    noteRefusal: (refusal) => void front.refused.push(refusal),
    perform: () => Promise.reject(new Error('Not asked for in these tests')),
    say: async (text, person) => {
      front.said.push(text)
      await front.holdUp
      return say(text, person)
    },
    submit: async (formId, values) => {
      await front.holdUp
      const draft = drafts.get(formId)
      if (!draft) return { kind: 'refused', because: 'This form was closed.' }
      draft.values = { ...draft.values, ...values }
      draft.errors =
        /^\s*$/.test(draft.values['name'] ?? '') || draft.values['name'] === 'Taken' ? nameTaken : {}
      if (Object.keys(draft.errors).length > 0) return shown(formId)
      draft.step += 1
      if (draft.step <= 3) return shown(formId)
      front.rules.push(draft.values)
      drafts.delete(formId)
      return { kind: 'message', message: message({ headline: `Rule "${draft.values['name']}" is saved` }) }
    },
    reopen: async (formId) =>
      drafts.has(formId) ? shown(formId) : { kind: 'refused', because: 'This form was closed.' },
  }

  function say(text: string, person: Person): Answer {
    if (text === 'list') return { kind: 'message', message: list }
    if (text === 'show 42') return { kind: 'message', message: message({ headline: '#42 in full' }) }
    if (text === 'boom') throw new Error('the database is gone')
    if (text === 'rule create') {
      drafts.set('draft-1', { step: 1, values: {}, errors: {} })
      return shown('draft-1')
    }
    if (text !== 'ack 42') return { kind: 'refused', because: `I do not know "${text}".` }
    if (person.role === 'VIEWER') return { kind: 'refused', because: 'Only responders may acknowledge.' }
    if (front.acknowledgedBy)
      return { kind: 'refused', because: `Already acknowledged by ${front.acknowledgedBy}.` }
    front.acknowledgedBy = person.name
    return { kind: 'message', message: message({ headline: '#42 acknowledged' }) }
  }

  function shown(formId: string): Answer {
    const { step, values, errors } = drafts.get(formId) ?? { step: 1, values: {}, errors: {} }
    return { kind: 'form', form: formAt(formId, step, { values, errors }) }
  }

  return front
}

const nameTaken = { name: 'There is a rule of this name.' }

const list = message({
  headline: '1 open alert',
  items: [
    {
      tone: 'critical',
      line: ['#42 orders are slow'],
      action: { kind: 'button', label: 'Acknowledge', command: 'ack 42' },
    },
  ],
  actions: [{ kind: 'button', label: 'Break', command: 'boom' }],
})

/** The living message of #42. */
export const fortyTwo = message({
  tone: 'critical',
  headline: '#42 FIRING: orders are slow',
  actions: [
    { kind: 'button', label: 'Acknowledge', command: 'ack 42' },
    { kind: 'button', label: 'Details', command: 'show 42' },
    { kind: 'button', label: 'New rule', command: 'rule create' },
    { kind: 'menu', label: 'More', options: [{ label: 'Acknowledge it', command: 'ack 42' }] },
  ],
})

function asPerson({ surface, externalId, name, mayOnlyLook = false }: Identity): Person {
  return { kind: 'person', id: externalId, name, surface, role: mayOnlyLook ? 'VIEWER' : 'OPERATOR' }
}

function formAt(
  id: string,
  step: number,
  { values, errors }: { values: FormValues; errors: FormValues },
): Form {
  const fill = (field: Field): Field => {
    const [value, error] = [values[field.name], errors[field.name]]
    return { ...field, ...(value !== undefined && { value }), ...(error !== undefined && { error }) }
  }
  const fields = (steps[step - 1] ?? []).map(fill)
  const intro =
    step === 3 ? [[`It would have fired twice: ${values['name']} above ${values['threshold']}`]] : []
  return {
    id,
    title: 'Create a rule',
    step,
    steps: 3,
    intro,
    fields,
    submitLabel: step === 3 ? 'Save' : 'Next',
  }
}

const kinds = [
  { value: 'ROUTE_METRIC', label: 'A route' },
  { value: 'LOG_PATTERN', label: 'Log lines' },
]

const steps: Field[][] = [
  [
    { kind: 'text', name: 'name', label: 'Name', required: true },
    { kind: 'choice', name: 'kind', label: 'Kind', required: true, options: kinds, value: 'ROUTE_METRIC' },
  ],
  [{ kind: 'text', name: 'threshold', label: 'Threshold', required: true }],
]
