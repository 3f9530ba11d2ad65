import type { Labels } from '#engine/labels.ts'
import { type ApiRefusal, refuseBody, refuseFormat, refuseMissing, refuseSchema } from './api-refusal.ts'
import { readTime } from './go-time.ts'
import { isObject, kindOf, readJson } from './json.ts'

/** One member of the array, its types proven, its content not yet judged. */
export interface AlertBody {
  readonly labels: Labels
  readonly annotations: Labels
  readonly startsAt: Date | undefined
  readonly endsAt: Date | undefined
  readonly generatorUrl: string
}

export type ReadBodies = { readonly bodies: readonly AlertBody[] } | { readonly refusal: ApiRefusal }

/** Wrong types anywhere come before missing fields anywhere: that is the order in which Alertmanager looks. */
export function readAlertBodies(text: string): ReadBodies {
  if (text.trim() === '') return { refusal: refuseMissing('alerts') }
  const json = readJson(text)
  if ('problem' in json) return { refusal: refuseBody('alerts', json.problem) }
  if (json.value === null) return { bodies: [] }
  if (!Array.isArray(json.value)) {
    return { refusal: refuseBody('alerts', `${kindOf(json.value)} was found: send an array of alerts`) }
  }
  const items: readonly unknown[] = json.value
  const problem = firstOf(items, typeProblem)
  if (problem !== undefined) return { refusal: refuseBody('alerts', problem) }
  const refusal = firstOf(items as readonly RawAlert[], schemaProblem)
  return refusal ? { refusal } : { bodies: (items as readonly RawAlert[]).map(toBody) }
}

/** What is left of `unknown` once `typeProblem` has nothing to say. */
interface RawAlert {
  readonly labels?: Readonly<Record<string, string | null>> | null
  readonly annotations?: Readonly<Record<string, string | null>> | null
  readonly startsAt?: string | null
  readonly endsAt?: string | null
  readonly generatorURL?: string | null
}

function firstOf<T, P>(items: readonly T[], judge: (item: T, index: number) => P | undefined): P | undefined {
  for (const [index, item] of items.entries()) {
    const problem = judge(item, index)
    if (problem !== undefined) return problem
  }
  return undefined
}

function typeProblem(item: unknown, index: number): string | undefined {
  if (!isObject(item)) return `alert ${index} must be an object: ${kindOf(item)} was found`
  const problem =
    pairsProblem('labels', item['labels']) ??
    pairsProblem('annotations', item['annotations']) ??
    timeProblem('startsAt', item['startsAt']) ??
    timeProblem('endsAt', item['endsAt']) ??
    textProblem('generatorURL', item['generatorURL'])
  return problem === undefined ? undefined : `${index}.${problem}`
}

function pairsProblem(field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) return `${field} must be an object of texts: ${kindOf(value)} was found`
  const bad = Object.keys(value).find((name) => !isText(value[name]))
  return bad === undefined
    ? undefined
    : textProblem(`${field}[${JSON.stringify(bad.slice(0, 100))}]`, value[bad])
}

function timeProblem(field: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return textProblem(field, value)
  const time = readTime(value)
  return 'problem' in time ? `${field}: ${time.problem}` : undefined
}

function textProblem(field: string, value: unknown): string | undefined {
  return isText(value) ? undefined : `${field} must be text: ${kindOf(value)} was found`
}

function isText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string'
}

function schemaProblem(alert: RawAlert, index: number): ApiRefusal | undefined {
  if (Object.hasOwn(alert, '__proto__'))
    return refuseSchema(602, `${index}.__proto__ in body is a forbidden property`)
  if (!alert.labels) return refuseMissing(`${index}.labels`)
  const url = alert.generatorURL ?? ''
  return isUri(url) ? undefined : refuseFormat(`${index}.generatorURL in body`, 'uri', url)
}

/** What Go takes for a URI: a scheme or a path, no control characters, percent signs that mean something. */
function isUri(text: string): boolean {
  if (text === '') return true
  if (!isPrintable(text) || /%(?![\da-fA-F]{2})/.test(text)) return false
  return text.startsWith('/') || /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text)
}

function isPrintable(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}]/u.test(text)
}

function toBody(alert: RawAlert): AlertBody {
  return {
    labels: texts(alert.labels),
    annotations: texts(alert.annotations),
    startsAt: time(alert.startsAt),
    endsAt: time(alert.endsAt),
    generatorUrl: alert.generatorURL ?? '',
  }
}

/** JSON null reads as the empty text, as it does in Go. */
function texts(pairs: RawAlert['labels']): Labels {
  return Object.fromEntries(Object.entries(pairs ?? {}).map(([name, value]) => [name, value ?? '']))
}

function time(text: string | null | undefined): Date | undefined {
  const read = typeof text === 'string' ? readTime(text) : undefined
  return read && 'at' in read ? read.at : undefined
}
