/** Deep enough for any payload a person wrote a mapping for; shallow enough that no walker or database chokes on it. */
const deepest = 100

export const tooDeep = `it nests more than ${deepest} levels deep: flatten it`

export type ReadJson = { readonly value: unknown } | { readonly problem: string }

/** JSON text from outside → a value that is safe to walk; `problem` completes "because …". */
export function readJson(text: string): ReadJson {
  const parsed = parse(text)
  return 'problem' in parsed || !isTooDeep(parsed.value) ? parsed : { problem: tooDeep }
}

function parse(text: string): ReadJson {
  try {
    return { value: JSON.parse(text, isPrecise(text) ? undefined : keepDigits) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** A whole number of more than fifteen digits may be an id, and most likely is: as a number it would become another one. */
const manyDigits = /\d{16}/

function isPrecise(text: string): boolean {
  return !manyDigits.test(text)
}

function keepDigits(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isOff = typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source)
  return isOff && !Number.isSafeInteger(value) ? source : value
}

/** Whatever parsed it: deeper than anything that anybody means, and than a walker's stack is long. */
export function isTooDeep(value: unknown): boolean {
  return isDeeperThan(value, deepest)
}

/** Level by level instead of by recursion: hostile depth must not cost the stack. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true
    const next: unknown[] = []
    for (const parent of level) addChildren(parent, next)
    level = next
  }
  return false
}

function addChildren(parent: unknown, into: unknown[]): void {
  if (typeof parent !== 'object' || parent === null) return
  const inside: unknown[] = Array.isArray(parent) ? parent : Object.values(parent)
  for (const child of inside) if (typeof child === 'object' && child !== null) into.push(child)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As one says it to the person who sent it: `a number`, `an object`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
