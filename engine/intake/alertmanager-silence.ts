import type { Matcher } from '#engine/matcher.ts'
import type { SilenceWish } from '#engine/suppress/silence-schedule.ts'
import { type ApiRefusal, refuseBody, refuseFormat, refuseMissing, refuseSchema } from './api-refusal.ts'
import { readTime, zeroTime } from './go-time.ts'
import { isObject, kindOf, readJson } from './json.ts'

export type ReadSilence = { readonly wish: SilenceWish } | { readonly refusal: ApiRefusal }

type Raw = Readonly<Record<string, unknown>>

/**
 * The body of `POST /api/v2/silences`, as amtool sends it:
 *
 *     {
 *       "matchers": [{ "name": "cluster", "value": "eu-1|eu-2", "isRegex": true, "isEqual": true }],
 *       "startsAt": "2026-01-31T10:00:00.000Z",
 *       "endsAt": "2026-01-31T12:00:00.000Z",
 *       "createdBy": "ada",
 *       "comment": "Moving racks"
 *     }
 *
 * Whether what it asks for makes sense is decided by `placeSilence`.
 */
export function readPostedSilence(text: string): ReadSilence {
  if (text.trim() === '') return { refusal: refuseMissing('silence') }
  const json = readJson(text)
  if ('problem' in json) return { refusal: refuseBody('silence', json.problem) }
  const raw = json.value ?? {}
  if (!isObject(raw)) return { refusal: refuseBody('silence', `${kindOf(raw)} was found: send one object`) }
  const problem = typeProblem(raw)
  if (problem !== undefined) return { refusal: refuseBody('silence', problem) }
  const refusal = schemaProblem(raw)
  return refusal ? { refusal } : { wish: toWish(raw) }
}

/** Every one of them is asked of every alert for as long as the silence lasts. */
const mostMatchers = 500

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

/** The id in `/api/v2/silence/{id}`: a word that is no uuid is refused before anyone looks it up. */
export function silenceIdProblem(id: string): ApiRefusal | undefined {
  return uuid.test(id) ? undefined : refuseFormat('silenceID in path', 'uuid', id)
}

function typeProblem(raw: Raw): string | undefined {
  for (const key of ['id', 'createdBy', 'comment', 'startsAt', 'endsAt']) {
    if (isWrong(raw[key], 'string')) return `${key} must be text: ${kindOf(raw[key])} was found`
  }
  for (const key of ['startsAt', 'endsAt']) {
    const read = typeof raw[key] === 'string' ? readTime(raw[key]) : undefined
    if (read && 'problem' in read) return `${key}: ${read.problem}`
  }
  const matchers = raw['matchers'] ?? []
  if (!Array.isArray(matchers)) return `matchers must be an array: ${kindOf(matchers)} was found`
  return matchers.map(matcherTypeProblem).find((problem) => problem !== undefined)
}

function matcherTypeProblem(matcher: unknown, index: number): string | undefined {
  if (!isObject(matcher)) return `matchers.${index} must be an object: ${kindOf(matcher)} was found`
  const wanted = { name: 'string', value: 'string', isRegex: 'boolean', isEqual: 'boolean' } as const
  return Object.entries(wanted)
    .filter(([key, type]) => isWrong(matcher[key], type))
    .map(([key, type]) => `matchers.${index}.${key} must be a ${type}: ${kindOf(matcher[key])} was found`)
    .at(0)
}

function isWrong(value: unknown, type: 'string' | 'boolean'): boolean {
  return value !== undefined && value !== null && typeof value !== type
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

function schemaProblem(raw: Raw): ApiRefusal | undefined {
  if (Object.hasOwn(raw, '__proto__')) return refuseSchema(602, '__proto__ in body is a forbidden property')
  const missing = ['comment', 'createdBy', 'endsAt', 'matchers', 'startsAt'].find((key) =>
    isMissing(raw[key]),
  )
  if (missing !== undefined) return refuseMissing(missing)
  const matchers = raw['matchers'] as readonly Raw[]
  if (matchers.length === 0) return refuseSchema(612, 'matchers in body should have at least 1 items')
  if (matchers.length > mostMatchers)
    return refuseSchema(611, `matchers in body should have at most ${mostMatchers} items`)
  for (const [index, matcher] of matchers.entries()) {
    const lacking = ['isRegex', 'name', 'value'].find((key) => isMissing(matcher[key]))
    if (lacking !== undefined) return refuseMissing(`matchers.${index}.${lacking}`)
  }
  return undefined
}

function toWish(raw: Raw): SilenceWish {
  const id = raw['id']
  return {
    ...(typeof id === 'string' && id !== '' && { id }),
    matchers: (raw['matchers'] as readonly Raw[]).map(toMatcher),
    startsAt: time(raw['startsAt']),
    endsAt: time(raw['endsAt']),
    reason: String(raw['comment']),
    createdBy: { kind: 'source', name: String(raw['createdBy']) },
  }
}

function toMatcher(raw: Raw): Matcher {
  const isEqual = raw['isEqual'] !== false
  const operators = raw['isRegex'] === true ? (['=~', '!~'] as const) : (['=', '!='] as const)
  return { name: String(raw['name']), operator: operators[isEqual ? 0 : 1], value: String(raw['value']) }
}

/** Zero time is a time here, long past: it starts the silence now, or makes its end impossible. */
function time(text: unknown): Date {
  const read = readTime(String(text))
  return ('at' in read ? read.at : undefined) ?? new Date(zeroTime)
}
