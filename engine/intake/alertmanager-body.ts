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
  return (
    pairsProblem(item['labels'], `${index}.labels`) ??
    pairsProblem(item['annotations'], `${index}.annotations`) ??
    timeProblem(item['startsAt'], `${index}.startsAt`) ??
    timeProblem(item['endsAt'], `${index}.endsAt`) ??
    textProblem(item['generatorURL'], `${index}.generatorURL`)
  )
}

function pairsProblem(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) return `${path} must be an object of texts: ${kindOf(value)} was found`
  for (const name of Object.keys(value)) {
    const problem = textProblem(value[name], `${path}[${JSON.stringify(name.slice(0, 100))}]`)
    if (problem !== undefined) return problem
  }
  return undefined
}

function timeProblem(value: unknown, path: string): string | undefined {
  const problem = textProblem(value, path)
  if (problem !== undefined || typeof value !== 'string') return problem
  const time = readTime(value)
  return 'problem' in time ? `${path}: ${time.problem}` : undefined
}

function textProblem(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return undefined
  return `${path} must be text: ${kindOf(value)} was found`
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
