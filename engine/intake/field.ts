import { Mustache } from '#engine/message/mustache.ts'
import { isStorableText } from '#engine/labels.ts'
import { isObject, kindOf } from './json.ts'

type ReadField = { readonly text: string } | { readonly problem: string }

/** A field of a mapping, ready to be asked of many payloads. */
export type Field = (payload: unknown) => ReadField

export function compileField(source: string): Field {
  return source.startsWith('/') ? pointerField(source) : templateField(source)
}

/** RFC 6901; undefined where nothing is. Own members only: a payload's prototype is not part of it. */
export function pointAt(payload: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1)
  return steps.reduce<unknown>((value, step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined
    return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }, payload)
}

function pointerField(pointer: string): Field {
  return (payload) => {
    const value = pointAt(payload, pointer)
    if (value === undefined || value === null) return { text: '' }
    if (typeof value === 'object')
      return { problem: `${pointer} is ${kindOf(value)}: point at a text or number inside it` }
    return storable(typeof value === 'string' ? value : JSON.stringify(value), pointer)
  }
}

function templateField(template: string): Field {
  Mustache.parse(template)
  return (payload) => {
    try {
      return storable(Mustache.render(template, bare(payload), undefined, { escape: String }), template)
    } catch (error) {
      return {
        problem: `the template ${template} fails: ${error instanceof Error ? error.message : String(error)}`,
      }
    }
  }
}

function storable(text: string, source: string): ReadField {
  return isStorableText(text)
    ? { text }
    : { problem: `${source} yields a NUL or half a character: remove it at the source` }
}

/** Sections go through arrays inside arrays: whoever sends the payload must not decide how long that takes. */
const mostMembers = 100
/** No name, title or summary is longer. */
const longestText = 4000

/** Without prototypes: a template that says `{{constructor}}` finds what the sender wrote, never a function to call. */
function bare(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > longestText ? value.slice(0, longestText).toWellFormed() : value
  if (Array.isArray(value)) return Object.setPrototypeOf(value.slice(0, mostMembers).map(bare), null)
  if (!isObject(value)) return value
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(value).map(([key, child]) => [key, bare(child)])),
  )
}
