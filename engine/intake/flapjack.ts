import type { CheckEvent, CheckState, CheckSubject } from '#engine/event.ts'
import { readJson } from './json.ts'
import { digitsProblem, oneOfProblem, plainTextProblem, quote } from './problems.ts'

/*
 * What Flapjack's producers push (release 1.6.0; `initial_recovery_delay` came later and is refused as any unknown key):
 *
 *   { "type": "service", "state": "critical", "entity": "web-11.example.com", "check": "HTTP Port 80",
 *     "summary": "Connection refused", "details": "tried 3 times", "perfdata": "time=0.4s;1;2", "time": 1389780000,
 *     "tags": ["web", "shop"], "initial_failure_delay": 30, "repeat_failure_delay": "60" }
 *   { "type": "action", "state": "acknowledgement", "entity": "web-11.example.com", "check": "HTTP Port 80",
 *     "summary": "looking into it", "duration": 3600, "acknowledgement_id": "a1b2c3d4" }
 *   { "type": "action", "state": "test_notifications", "entity": "web-11.example.com", "check": "HTTP Port 80" }
 *
 * `info` is ours; Flapjack knows the other four states of a service.
 */

export type FlapjackReading =
  | { readonly kind: 'event'; readonly event: CheckEvent }
  | { readonly kind: 'refused'; readonly problems: readonly [string, ...string[]] }

/** One event as text, the way it lies in the Redis list. */
export function readFlapjackText(text: string): FlapjackReading {
  const json = readJson(text)
  return 'problem' in json
    ? refuse([`This cannot be read as JSON: ${quote(json.problem, 200)}.`])
    : readFlapjackEvent(json.value)
}

/** One event as JSON.parse left it. Every problem is named, none of the values is believed. */
export function readFlapjackEvent(value: unknown): FlapjackReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(['An event is a JSON object with type, state, entity and check.'])
  }
  const event: RawEvent = value
  const problems = [...keyProblems(event), ...valueProblems(event)]
  return problems.length > 0 ? refuse(problems) : interpret(event)
}

type RawEvent = { readonly [Key in FieldName]?: unknown }
type FieldName = keyof typeof fieldProblem

const serviceStates: readonly string[] = ['ok', 'info', 'warning', 'critical', 'unknown']
const actionStates: readonly string[] = ['acknowledgement', 'test_notifications']
const required: readonly FieldName[] = ['type', 'state', 'entity', 'check']

/** A hundred years: beyond that it is a mistake, and far enough from the end of what a clock can say. */
const longestSeconds = 3_155_760_000
/** Entity and check make the key of an indexed row, which holds at most 2,700 bytes. */
const longestName = 400

const fieldProblem = {
  type: oneOfProblem(['service', 'action']),
  state: oneOfProblem([...serviceStates, ...actionStates]),
  entity: nameProblem,
  check: nameProblem,
  time: digitsProblem(8_640_000_000_000),
  summary: plainTextProblem,
  details: plainTextProblem,
  perfdata: plainTextProblem,
  acknowledgement_id: (value: unknown) =>
    typeof value === 'number' ? numberIdProblem(value) : plainTextProblem(value),
  duration: digitsProblem(longestSeconds),
  tags: tagsProblem,
  initial_failure_delay: digitsProblem(longestSeconds),
  repeat_failure_delay: digitsProblem(longestSeconds),
} as const satisfies Record<string, (value: unknown) => string | undefined>

const fields = Object.entries(fieldProblem) as readonly [FieldName, (value: unknown) => string | undefined][]

function keyProblems(event: RawEvent): string[] {
  const unknown = Object.keys(event).filter((key) => !Object.hasOwn(fieldProblem, key))
  const missing = required.filter(
    (key) => !Object.hasOwn(event, key) || event[key] === null || event[key] === '',
  )
  return [
    ...(unknown.length > 0 ? [unknownProblem(unknown)] : []),
    ...missing.map((key) => `${key} is missing; every event names its type, state, entity and check.`),
  ]
}

function unknownProblem(keys: readonly string[]): string {
  const some = keys
    .slice(0, 5)
    .map((key) => quote(key))
    .join(', ')
  const allowed = `allowed are ${Object.keys(fieldProblem).join(', ')}`
  return keys.length === 1
    ? `The key ${some} is not known; ${allowed}.`
    : `The keys ${some} are not known; ${allowed}.`
}

function valueProblems(event: RawEvent): string[] {
  const problems: string[] = []
  for (const [key, problemOf] of fields) {
    const value = Object.hasOwn(event, key) ? event[key] : undefined
    if (value === undefined || value === null || (value === '' && required.includes(key))) continue
    const problem = problemOf(value)
    if (problem !== undefined) problems.push(`${key} ${problem}`)
  }
  return problems
}

function interpret(event: RawEvent): FlapjackReading {
  const subject = readSubject(event)
  if (subject === undefined)
    return refuse(['entity must not begin with a colon: its name ends at the first one.'])
  const type = String(event.type).toLowerCase()
  const state = String(event.state).toLowerCase()
  if (type === 'service' && isServiceState(state))
    return { kind: 'event', event: serviceEvent(subject, state, event) }
  if (type === 'action' && state === 'test_notifications')
    return { kind: 'event', event: { ...subject, kind: 'test' } }
  if (type === 'action' && state === 'acknowledgement') return acknowledgementEvent(subject, event)
  return refuse([
    `state ${state} does not go with type ${type}; an action is one of ${actionStates.join(', ')}.`,
  ])
}

/** The key is split at its first colon, so a colon in the entity hands the rest of it to the check's name. */
function readSubject(event: RawEvent): CheckSubject | undefined {
  const checkKey = `${String(event.entity).toLowerCase()}:${String(event.check)}`
  const colon = checkKey.indexOf(':')
  if (colon === 0) return undefined
  return {
    checkKey,
    entity: checkKey.slice(0, colon),
    check: checkKey.slice(colon + 1),
    summary: readText(event.summary),
    details: readText(event.details),
    tags: (event.tags as string[] | null | undefined) ?? [],
    observedAt: readInteger(event.time),
  }
}

function serviceEvent(subject: CheckSubject, state: CheckState, event: RawEvent): CheckEvent {
  return {
    ...subject,
    kind: 'service',
    state,
    perfdata: readText(event.perfdata),
    initialFailureDelaySeconds: readDelay(event.initial_failure_delay),
    repeatFailureDelaySeconds: readDelay(event.repeat_failure_delay),
  }
}

function acknowledgementEvent(subject: CheckSubject, event: RawEvent): FlapjackReading {
  const durationSeconds = readInteger(event.duration)
  if (durationSeconds !== null && durationSeconds <= 0)
    return refuse(['duration must be at least one second.'])
  const id = event.acknowledgement_id
  const acknowledgementId = typeof id === 'number' ? String(id) : readText(id)
  return { kind: 'event', event: { ...subject, kind: 'acknowledgement', durationSeconds, acknowledgementId } }
}

function isServiceState(state: string): state is CheckState {
  return serviceStates.includes(state)
}

/** Nothing but white space says nothing. */
function readText(value: unknown): string | null {
  return typeof value === 'string' ? value.trim() || null : null
}

function readInteger(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value)
}

/** Flapjack takes a negative delay for none given. */
function readDelay(value: unknown): number | null {
  const delay = readInteger(value)
  return delay !== null && delay < 0 ? null : delay
}

function nameProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string.'
  if (value.length > longestName)
    return `must have at most ${longestName} characters; it has ${value.length}.`
  return plainTextProblem(value)
}

function numberIdProblem(value: number): string | undefined {
  return Number.isSafeInteger(value) ? undefined : 'must be a string or an integer.'
}

function tagsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be an array of strings.'
  const place = value.findIndex((tag) => plainTextProblem(tag) !== undefined)
  return place < 0
    ? undefined
    : `must be an array of strings; item ${place} ${plainTextProblem(value[place])}`
}

function refuse(problems: readonly string[]): FlapjackReading {
  const [first = 'It cannot be read.', ...others] = problems
  return { kind: 'refused', problems: [first, ...others] }
}
