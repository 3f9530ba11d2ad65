import { idSchema, type Reading, readWith, tagsSchema } from '#engine/directory/reading.ts'
import { isObject, readJson } from './json.ts'

/*
 * A JSON Patch as Flapjack's JSON API takes it: a bare array, every path beginning with the plural name and 0. What is
 * neither of these is passed over, as there:
 *
 *   [{ "op": "replace", "path": "/contacts/0/timezone", "value": "Europe/Berlin" },
 *    { "op": "add", "path": "/contacts/0/links/entities", "value": "825" },
 *    { "op": "remove", "path": "/contacts/0/links/entities/826" }]
 */

export interface FlapjackPatch {
  /** By attribute, the last value that was given. */
  readonly replaced: Readonly<Record<string, unknown>>
  readonly linked: readonly LinkOperation[]
}

interface LinkOperation {
  readonly op: 'add' | 'remove'
  readonly link: string
  readonly value: unknown
}

/** undefined where it is no JSON Patch at all. */
export function readFlapjackPatch(text: string, plural: string): FlapjackPatch | undefined {
  const json = readJson(text)
  if ('problem' in json || !Array.isArray(json.value) || !json.value.every(isObject)) return undefined
  const replaced: [string, unknown][] = []
  const linked: LinkOperation[] = []
  for (const { op, path, value } of json.value) {
    const steps = stepsOf(path)
    if (steps?.plural !== plural) continue
    const { name, link, end } = steps
    if (name === 'links' && link !== undefined) {
      if (op === 'add') linked.push({ op, link, value })
      if (op === 'remove') linked.push({ op, link, value: end ?? value })
    } else if (op === 'replace') replaced.push([name, value])
  }
  return { replaced: Object.fromEntries(replaced), linked }
}

interface Steps {
  readonly plural: string
  /** An attribute, or `links`. */
  readonly name: string
  readonly link: string | undefined
  readonly end: string | undefined
}

const pathShape = /^\/([^/]+)\/0\/([^/]+)(?:\/([^/]+)(?:\/([^/]*))?)?$/

function stepsOf(path: unknown): Steps | undefined {
  const [, plural, name, link, end] = (typeof path === 'string' ? pathShape.exec(path) : null) ?? []
  if (plural === undefined || name === undefined) return undefined
  return { plural, name, link, end: end === undefined ? undefined : unescaped(end) }
}

/** RFC 6901. */
function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** What is added to a link and removed from it, one or several at a time; the last word about each counts. */
export function linkChanges(
  { linked }: FlapjackPatch,
  link: string,
): Reading<ReadonlyMap<string, 'add' | 'remove'>> {
  const changes = new Map<string, 'add' | 'remove'>()
  for (const { op, value } of linked.filter((operation) => operation.link === link)) {
    const reading = readNames(value, link)
    if (reading.kind === 'refused') return reading
    for (const name of reading.value) changes.set(name, op)
  }
  return { kind: 'read', value: changes }
}

function readNames(value: unknown, link: string): Reading<readonly string[]> {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  const schema = link === 'tags' ? tagsSchema : idSchema.array()
  const reading = readWith<string[]>(schema, values)
  if (reading.kind === 'read') return reading
  const problems = reading.problems.map(({ problem }) => ({ field: `links.${link}`, problem }))
  return { kind: 'refused', problems }
}
