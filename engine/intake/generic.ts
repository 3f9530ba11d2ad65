import { type CheckState, type HealthEvent, serviceEvent } from '#engine/event.ts'
import type { Labels } from '#engine/labels.ts'
import {
  type Arrival,
  type BodyForm,
  membersOf,
  readEachEvent,
  type ReadEvent,
  type ReadEvents,
  refusal,
} from './each-event.ts'
import { compileField, type Field, pointAt } from './field.ts'
import { readTime } from './go-time.ts'
import type { Mapping } from './mapping.ts'
import { stateOfSeverity } from './severity-word.ts'

/** Any webhook whose shape somebody described in a mapping, compiled once for many payloads. */
export type GenericReader = (text: string, form: BodyForm, arrival: Arrival) => ReadEvents<HealthEvent>

/**
 * With the mapping shown at `mappingSchema`, this payload holds one event:
 *
 *     { "alerts": [{ "host": "db-1", "service": "disk", "volume": "/var", "level": "BAD", "owner": { "team": "storage" },
 *                    "time": "2026-01-31T10:00:00Z" }] }
 */
export function genericReader(mapping: Mapping): GenericReader {
  const fields = compile(mapping)
  const list = (payload: unknown) =>
    mapping.events === undefined ? payload : pointAt(payload, mapping.events)
  return (text, form, arrival) =>
    readEachEvent(membersOf(text, form, list), (item) => readItem(item, { mapping, fields, arrival }))
}

interface Fields {
  readonly entity: Field
  readonly check: Field
  readonly state: readonly Field[]
  readonly title: Field
  readonly summary: Field
  readonly at: Field
  readonly labels: readonly (readonly [name: string, field: Field])[]
}

const nothing: Field = () => ({ text: '' })

function compile(mapping: Mapping): Fields {
  const optional = (source: string | undefined) => (source === undefined ? nothing : compileField(source))
  return {
    entity: compileField(mapping.entity),
    check: compileField(mapping.check),
    state: mapping.state.from.map(compileField),
    title: optional(mapping.title),
    summary: optional(mapping.summary),
    at: optional(mapping.at),
    labels: Object.entries(mapping.labels ?? {}).map(
      ([name, source]) => [name, compileField(source)] as const,
    ),
  }
}

interface Reading {
  readonly mapping: Mapping
  readonly fields: Fields
  readonly arrival: Arrival
}

/** What a mapping finds wrong with one item, on its way up to where it is told. */
class ItemError extends Error {}

function readItem(item: unknown, reading: Reading): ReadEvent<HealthEvent> {
  try {
    return { event: toEvent(item, reading) }
  } catch (error) {
    if (error instanceof ItemError) return refusal(error.message)
    throw error
  }
}

/** Entity and check make the key of an indexed row, which holds at most 2,700 bytes. */
const longestName = 400
const longestTitle = 300
const longestSummary = 4000

function toEvent(item: unknown, { mapping, fields, arrival }: Reading): HealthEvent {
  if (typeof item !== 'object' || item === null)
    throw new ItemError('an object is due here, with the values the mapping points at.')
  const entity = nameOf(fields.entity, item, 'entity')
  const check = nameOf(fields.check, item, 'check')
  return serviceEvent({
    judgedBy: 'arrival',
    environment: arrival.environment,
    entity,
    check,
    state: stateOf(
      fields.state.map((field) => textOf(field, item, 'state')),
      mapping.state,
    ),
    at: timeOf(textOf(fields.at, item, 'at'), arrival.now),
    title:
      textOf(fields.title, item, 'title').slice(0, longestTitle).toWellFormed() || `${check} on ${entity}`,
    summary: textOf(fields.summary, item, 'summary').slice(0, longestSummary).toWellFormed(),
    labels: labelsOf(fields, item),
    initialFailureDelaySeconds: mapping.initialFailureDelaySeconds,
    repeatFailureDelaySeconds: mapping.repeatFailureDelaySeconds,
  })
}

function textOf(field: Field, item: unknown, name: string): string {
  const read = field(item)
  if ('problem' in read) throw new ItemError(`${name}: ${read.problem}.`)
  return read.text
}

function nameOf(field: Field, item: unknown, name: string): string {
  const text = textOf(field, item, name).trim()
  if (text === '')
    throw new ItemError(
      `${name}: the mapping finds nothing in this payload; without it nobody knows what this is about.`,
    )
  if (text.length > longestName)
    throw new ItemError(`${name}: it has ${text.length} characters; ${longestName} are the most.`)
  return text
}

const clearWords = new Set([
  'ok',
  'okay',
  'resolved',
  'recovered',
  'recovery',
  'up',
  'normal',
  'clear',
  'cleared',
  'green',
  'success',
])

function stateOf(words: readonly string[], state: Mapping['state']): CheckState {
  const known = words.map((word) => meaningOf(word, state)).find((meaning) => meaning !== undefined)
  if (known !== undefined) return known
  if (state.otherwise !== undefined) return state.otherwise
  const found = words.map((word) => JSON.stringify(word.slice(0, 60))).join(' or ')
  throw new ItemError(
    `state: ${found} is no state I know; add it to state.words, or say what is meant in state.otherwise.`,
  )
}

function meaningOf(word: string, { words = {} }: Mapping['state']): CheckState | undefined {
  if (Object.hasOwn(words, word)) return words[word]
  return clearWords.has(word.trim().toLowerCase()) ? 'ok' : stateOfSeverity(word)
}

/** Seconds since 1970 have at most eleven digits until the year 5138; what is longer counts milliseconds. */
function timeOf(text: string, now: Date): Date {
  if (text === '') return now
  if (/^\d{1,11}(\.\d{1,9})?$/.test(text)) return new Date(Number(text) * 1000)
  if (/^\d{12,14}$/.test(text)) return new Date(Number(text))
  const read = readTime(text)
  if ('problem' in read) throw new ItemError(`at: ${read.problem}.`)
  return read.at ?? now
}

function labelsOf(fields: Fields, item: unknown): Labels {
  const pairs = fields.labels.map(([name, field]) => [name, textOf(field, item, `labels.${name}`)] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''))
}
