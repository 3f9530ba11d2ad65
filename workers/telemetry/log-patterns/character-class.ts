export interface Read {
  /** Of what was read. */
  readonly length: number
  /** As both engines understand it. */
  readonly text: string
  /** One certain character. */
  readonly isCertain: boolean
}

/** `\d`, `\s`, `[a-z]`, `[^"]` and the like, of ASCII characters; `\.` and `\x2e`. Undefined: anything else. */
export function readClass(rest: string, ignoresCase: boolean): Read | undefined {
  if (rest.startsWith('[')) return inBrackets(rest, ignoresCase)
  const codes = named(rest[1])
  if (codes) return { length: 2, text: oneOf(codes), isCertain: false }
  const none = named(rest[1]?.toLowerCase())
  if (none && rest[1] !== 'W') return { length: 2, text: noneOf(none), isCertain: false }
  const character = escapedCharacter(rest)
  return character && { length: character.length, text: hexadecimal(character.code), isCertain: true }
}

/** For RE2 `\s` is without the vertical tab. */
const classes: Readonly<Record<string, RegExp>> = { d: /[0-9]/, s: /[\t\n\f\r ]/, w: /[0-9A-Za-z_]/ }

function named(letter: string | undefined): readonly number[] | undefined {
  const members = classes[letter ?? '']
  return members && ascii.filter((code) => members.test(String.fromCharCode(code)))
}

const ascii = Array.from({ length: 128 }, (_, code) => code)

function inBrackets(rest: string, ignoresCase: boolean): Read | undefined {
  const isNegated = rest.startsWith('[^')
  let place = isNegated ? 2 : 1
  const codes: number[] = []
  while (rest[place] !== ']' || codes.length === 0) {
    const item = classItem(rest.slice(place))
    if (item === undefined) return undefined
    place += item.length
    codes.push(...item.codes)
  }
  const length = place + 1
  if (!isNegated) return { length, text: oneOf(codes), isCertain: false }
  // Both cases of a letter would have to be left out, and what folds to it beyond ASCII.
  const hasLetters = codes.some((code) => /[A-Za-z]/.test(String.fromCharCode(code)))
  return ignoresCase && hasLetters ? undefined : { length, text: noneOf(codes), isCertain: false }
}

interface ClassItem {
  readonly length: number
  readonly codes: readonly number[]
}

function classItem(rest: string): ClassItem | undefined {
  const known = rest.startsWith('\\') ? named(rest[1]) : undefined
  if (known) return rest[2] === '-' && rest[3] !== ']' ? undefined : { length: 2, codes: known }
  const from = classCharacter(rest)
  if (from === undefined) return undefined
  const after = rest.slice(from.length)
  if (!after.startsWith('-') || after.startsWith('-]')) return { length: from.length, codes: [from.code] }
  const to = classCharacter(after.slice(1))
  if (to === undefined) return undefined
  const codes = ascii.filter((code) => code >= from.code && code <= to.code)
  return { length: from.length + 1 + to.length, codes }
}

interface Character {
  readonly length: number
  readonly code: number
}

function classCharacter(rest: string): Character | undefined {
  if (rest.startsWith('\\')) return escapedCharacter(rest)
  return /^[^\][\u0080-\uffff]/.test(rest) ? { length: 1, code: rest.charCodeAt(0) } : undefined
}

const controls: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 }

function escapedCharacter(rest: string): Character | undefined {
  const [found, digits, marked] =
    /^\\(?:x([0-7][\da-fA-F]|\{[0-7]?[\da-fA-F]\})|([atnvfr!-/:-@[-`{-~]))/.exec(rest) ?? []
  if (found === undefined) return undefined
  const code =
    digits === undefined
      ? (controls[marked ?? ''] ?? rest.charCodeAt(1))
      : Number.parseInt(digits.replace('{', ''), 16)
  return { length: found.length, code }
}

function oneOf(codes: readonly number[]): string {
  return `[${ranges(codes)}]`
}

/** Said by what is in it: Vectorscan finds characters that are excluded by some of the classes that say what is not. */
function noneOf(codes: readonly number[]): string {
  const excluded = new Set(codes)
  const others = ascii.filter((code) => !excluded.has(code))
  return `[${ranges(others)}\u0080-\u{10ffff}]`
}

function ranges(codes: readonly number[]): string {
  const members = new Set(codes)
  let text = ''
  for (let from = 0; from < ascii.length; from++) {
    if (!members.has(from)) continue
    let to = from
    while (members.has(to + 1)) to++
    text += to === from ? hexadecimal(from) : `${hexadecimal(from)}-${hexadecimal(to)}`
    from = to
  }
  return text
}

function hexadecimal(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}
