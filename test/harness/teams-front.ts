import { pino } from 'pino'
import type { Refusal } from '#engine/audit.ts'
import type { Answer } from '#engine/command/answer.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { message, type Message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import type { Form, FormValues } from '#engine/view/form.ts'
import type { Front, Identity, Place } from '#bot/front.ts'

export interface SmallFront extends Front {
  readonly places: ReadonlyMap<string, Place>
  readonly met: readonly Identity[]
  readonly refused: readonly Refusal[]
  readonly rules: readonly string[]
  /** Every change, in order, as `ack by Ann`. */
  readonly changes: readonly string[]
  /** The next request fails as if the database were gone. */
  breakOnce(): void
  /** The next answers wait until this is called. */
  hold(): () => void
}

/** One alert (#42), one form of two steps, no database: enough to see whether a door says the right thing. */
export function smallFront(): SmallFront {
  const places = new Map<string, Place>()
  const met: Identity[] = []
  const refused: Refusal[] = []
  const rules: string[] = []
  const changes: string[] = []
  const drafts = new Map<string, Person>()
  let acknowledgedBy: string | undefined
  let isBroken = false
  let gate: Promise<void> = Promise.resolve()

  async function pass(): Promise<void> {
    await gate
    if (!isBroken) return
    isBroken = false
    throw new Error('the database at postgres://user:hunter2@db is gone')
  }

  function alert(): Message {
    const state = acknowledgedBy ? `acknowledged by ${acknowledgedBy}` : 'firing'
    return message({
      tone: 'critical',
      headline: `#42 orders fail, ${state}`,
      actions: [
        { kind: 'button', label: 'Acknowledge', command: 'ack 42' },
        { kind: 'menu', label: 'Silence', options: [{ label: 'Custom…', command: 'silence 42' }] },
      ],
    })
  }

  function form(id: string, step: 1 | 2, values: FormValues = {}, error?: string): Answer {
    const { name = '' } = values
    const first: Form['fields'] = [
      { kind: 'text', name: 'name', label: 'Name', required: true, value: name, ...(error ? { error } : {}) },
    ]
    const last = {
      id,
      title: 'Create a rule',
      steps: 2,
      step,
      intro: [[`Preview of ${name}`]],
      submitLabel: 'Save',
    }
    return {
      kind: 'form',
      form: step === 1 ? { ...last, intro: [], fields: first, submitLabel: 'Next' } : { ...last, fields: [] },
    }
  }

  async function perform(command: Parameters<Front['perform']>[0], person: Person): Promise<Answer> {
    await pass()
    switch (command.name) {
      case 'acknowledge':
        if (acknowledgedBy) return { kind: 'refused', because: `Already acknowledged by ${acknowledgedBy}.` }
        acknowledgedBy = person.name
        changes.push(`ack by ${person.name}`)
        return {
          kind: 'message',
          message: message({ headline: 'Done', lines: [['#42 ', person.name, ' is looking at it.']] }),
        }
      case 'show':
        return { kind: 'message', message: alert() }
      case 'rule-create':
      case 'silence': {
        const id = `draft-${drafts.size + 1}`
        drafts.set(id, person)
        return form(id, 1)
      }
      default:
        return {
          kind: 'message',
          message: message({ headline: '1 open alert', lines: [['#42 orders fail']] }),
        }
    }
  }

  let typed = ''
  return {
    places,
    met,
    refused,
    rules,
    changes,
    clock: () => new Date(),
    log: pino({ level: 'silent' }),
    breakOnce: () => void (isBroken = true),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    say(text, person) {
      const command = parseCommand(text)
      if (isComplaint(command)) return Promise.resolve({ kind: 'refused', because: command.complaint })
      return perform(command, person)
    },
    perform,
    async submit(formId, values, person) {
      await pass()
      if (drafts.get(formId)?.id !== person.id)
        return { kind: 'refused', because: 'This form belongs to someone else.' }
      if ('name' in values) {
        typed = values['name'] ?? ''
        return typed.includes('bad') ? form(formId, 1, values, 'That name is taken') : form(formId, 2, values)
      }
      rules.push(typed)
      return { kind: 'message', message: message({ tone: 'resolved', headline: `Rule ${typed} is saved` }) }
    },
    reopen: (formId) => Promise.resolve(form(formId, 1)),
    meet(identity) {
      met.push(identity)
      const { externalId: id, name } = identity
      return Promise.resolve({ kind: 'person', id, name, surface: 'teams', role: 'OPERATOR' })
    },
    rememberPlace: async (place) => void places.set(place.key, place),
    forgetPlace: async (_surface, key) => void places.delete(key),
    noteRefusal: (refusal) => void refused.push(refusal),
  }
}
