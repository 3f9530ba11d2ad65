import { Mustache } from './mustache.ts'

/** What a template may say: its names, and the sections they stand in. */
export interface NamedPlace {
  readonly name: string
  readonly sections: readonly string[]
}

const mostBytes = 16_384
const deepestSections = 4
const mostItems = 50
const longestOutput = 64 * 1024
/** Empty ones cost time too. */
const mostTurns = 10_000

/** As Mustache parses it: type, name, where it begins and ends, and what a section holds. */
type Token = readonly [
  type: string,
  name: string,
  from: number,
  to: number,
  inside?: readonly Token[] | string,
]

/**
 * Why a template cannot be used, with the place; undefined = it can. Only names and sections: `{{{x}}}` and `{{&x}}` go
 * around escaping, partials and other delimiters have no use here. Checked where it is saved, so that nothing fails at night.
 */
export function checkedTemplateProblem(template: string): string | undefined {
  if (new TextEncoder().encode(template).length > mostBytes) return 'The template is longer than 16 KB.'
  try {
    return tokensProblem(Mustache.parse(template) as readonly Token[], template, 0)
  } catch (error) {
    return `The template cannot be read: ${error instanceof Error ? error.message : String(error)}.`
  }
}

const refusedTokens: Readonly<Record<string, string>> = {
  '&': 'goes around escaping: write {{name}}',
  '>': 'is a partial, and there are none: write it out',
  '=': 'changes the delimiters: keep {{ and }}',
}

function tokensProblem(tokens: readonly Token[], template: string, depth: number): string | undefined {
  for (const [type, name, from, , inside] of tokens) {
    const refused = refusedTokens[type]
    const place = placeOf(template, from)
    if (refused !== undefined) return `${place}: ${quoted(template, from)} ${refused}.`
    if (type !== 'text' && type !== '!' && name.split('.').some((part) => part in Object.prototype))
      return `${place}: no variable is called ${name}.`
    if (!Array.isArray(inside)) continue
    if (depth === deepestSections)
      return `${place}: more than ${deepestSections} sections inside each other: flatten it.`
    const problem = tokensProblem(inside, template, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function placeOf(template: string, offset: number): string {
  const before = template.slice(0, offset).split('\n')
  return `Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

function quoted(template: string, from: number): string {
  return template.slice(from, from + 20).split('\n', 1)[0] ?? ''
}

/** Every name it uses, in its order. */
export function namesIn(template: string): NamedPlace[] {
  return walk(Mustache.parse(template) as readonly Token[], [])
}

function walk(tokens: readonly Token[], sections: readonly string[]): NamedPlace[] {
  return tokens.flatMap(([type, name, , , inside]) => {
    if (type !== 'name' && type !== '#' && type !== '^') return []
    const below = Array.isArray(inside) ? walk(inside as readonly Token[], [...sections, name]) : []
    return [{ name, sections }, ...below]
  })
}

/** What it came to is longer than anybody reads; the message has none of it. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch'
}

/** `escape` is what its place in the body asks for; throws `TooMuch` rather than fill the memory. */
export function renderChecked(
  template: string,
  view: Readonly<Record<string, unknown>>,
  escape: (text: string) => string = (text) => text,
): string {
  return new BoundedWriter(escape).render(template, bare(view), undefined, {
    escape: (value) => (typeof value === 'object' ? '' : escape(String(value))),
  })
}

type Writing = InstanceType<typeof Mustache.Writer>

/** Counts while it writes, because nested sections multiply. */
class BoundedWriter extends Mustache.Writer {
  private written = 0
  private turns = 0
  private readonly escape: (text: string) => string

  constructor(escape: (text: string) => string) {
    super()
    this.escape = escape
  }

  override renderTokens(...given: Parameters<Writing['renderTokens']>): string {
    if (++this.turns > mostTurns) throw new TooMuch('The template repeats itself too often.')
    return super.renderTokens(...given)
  }

  override rawValue(...given: Parameters<Writing['rawValue']>): string {
    return this.counted(super.rawValue(...given))
  }

  /** A name that nobody knows stays as it was written, so that whoever reads it sees the mistake (seed 004); no label is nothing. */
  override escapedValue(...given: Parameters<Writing['escapedValue']>): string {
    const [[, name = ''], context] = given
    const isUnknown = context.lookup(name) === undefined && !name.startsWith('labels.')
    return this.counted(isUnknown ? this.escape(`{{${name}}}`) : super.escapedValue(...given))
  }

  private counted(text: string): string {
    this.written += text?.length ?? 0
    if (this.written > longestOutput) throw new TooMuch('What the template comes to is longer than 64 KB.')
    return text
  }
}

/** Mustache looks names up with `in` and calls what is a function: nothing of that is left, at any depth. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, mostItems).map(bare)
  if (typeof value === 'object' && value !== null) {
    const copy = Object.create(null) as Record<string, unknown>
    for (const [name, part] of Object.entries(value))
      Object.defineProperty(copy, name, { value: bare(part), enumerable: true })
    return copy
  }
  return typeof value === 'function' || value === undefined || value === null ? '' : value
}
