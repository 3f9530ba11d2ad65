import { checkedTemplateProblem, renderChecked } from './checked-template.ts'

type View = Readonly<Record<string, unknown>>

/**
 * Why a body cannot be used, or undefined. A JSON body is read as JSON first and only the texts inside it are templates, so that
 * no alert can change its structure, whatever it says.
 */
export function bodyTemplateProblem(template: string, contentType: string): string | undefined {
  if (!isJson(contentType)) return checkedTemplateProblem(template)
  if (new TextEncoder().encode(template).length > 16_384) return 'The template is longer than 16 KB.'
  const read = readBody(template)
  if ('problem' in read) return read.problem
  return leafProblem(read.value, [])
}

/** Throws `TooMuch` where it comes to more than 64 KB. */
export function renderBody(template: string, contentType: string, view: View): string {
  if (isJson(contentType)) {
    const read = readBody(template)
    if ('problem' in read) throw new Error(read.problem)
    return JSON.stringify(filledIn(read.value, view))
  }
  return renderChecked(template, view, escapeFor(contentType))
}

/** Every text that is a template: the leaves of a JSON body, or all of another. */
export function templatesIn(template: string, contentType: string): string[] {
  if (!isJson(contentType)) return [template]
  const read = readBody(template)
  return 'problem' in read ? [] : leaves(read.value)
}

function isJson(contentType: string): boolean {
  return /^application\/([a-z0-9.+-]+\+)?json\b/i.test(contentType.trim())
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

function readBody(template: string): { readonly value: Json } | { readonly problem: string } {
  try {
    const value = JSON.parse(template) as Json
    return depthOf(template) > 64 ? { problem: 'The body is nested too deeply.' } : { value }
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 120) : ''
    return {
      problem: `The body is no JSON (${why}): write each variable inside a text, such as {"text": "{{rule.name}}"}, or set another Content-Type.`,
    }
  }
}

/** Counted before anything walks through it. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return deepest
}

function leafProblem(value: Json, path: readonly string[]): string | undefined {
  if (typeof value === 'string') {
    const problem = checkedTemplateProblem(value)
    return problem === undefined ? undefined : `${path.join('.') || 'The text'}: ${problem}`
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, part] of Object.entries(value as Readonly<Record<string, Json>>)) {
    const problem = leafProblem(part, [...path, name])
    if (problem !== undefined) return problem
  }
  return undefined
}

function leaves(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value as Readonly<Record<string, Json>>).flatMap(leaves)
}

function filledIn(value: Json, view: View): Json {
  if (typeof value === 'string') return renderChecked(value, view).toWellFormed()
  if (Array.isArray(value)) return (value as readonly Json[]).map((part) => filledIn(part, view))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filledIn(part, view)]))
}

function escapeFor(contentType: string): (text: string) => string {
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType))
    return (text) => encodeURIComponent(text.toWellFormed())
  if (/(html|xml)\b/i.test(contentType)) return escapeMarkup
  return (text) => text
}

const markup: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => markup[character] ?? '')
}
