import { literal } from '#workers/telemetry/literal.ts'
import { sharedSyntax } from './shared-syntax.ts'

/** Patterns that the store compiles into one automaton, which reads a line once for all of them. */
export type Automaton = readonly string[]

/** How a scan looks for patterns: most of them at once, and those that only `match` knows one by one. */
export interface PatternScan {
  readonly automata: readonly Automaton[]
  readonly slow: readonly string[]
}

/** The patterns by their numbers, from 0. */
export function numbered({ automata, slow }: PatternScan): readonly string[] {
  return [...automata.flat(), ...slow]
}

/** Makes the store compile an automaton, and look at nothing. */
export function compilation(automaton: Automaton): string {
  return `SELECT multiMatchAllIndices(materialize(''), ${list(automaton)})`
}

/**
 * The WITH that `foundNumbers` refers to. All patterns are one text, which a parser takes as one token: no limit of theirs on
 * expressions applies, and nothing is created on a server that may not be ours.
 */
export function patternLists({ automata }: PatternScan): string {
  if (automata.length === 0) return ''
  return `WITH ${automata.map((automaton, index) => `${list(automaton)} AS patterns_${index}`).join(', ')} `
}

/** An array of the numbers, from 0, of what a line's `message` matches. */
export function foundNumbers({ automata, slow }: PatternScan): string {
  const parts: string[] = []
  let first = 0
  for (const [index, automaton] of automata.entries()) {
    parts.push(
      `arrayMap(place -> toUInt32(place + ${first - 1}), ${foundPlaces(`patterns_${index}`, automaton.length)})`,
    )
    first += automaton.length
  }
  if (slow.length > 0) {
    const found = slow.map(
      (pattern, index) => `if(match(message, ${literal(pattern)}), ${first + index + 1}, 0)`,
    )
    parts.push(
      `arrayMap(place -> toUInt32(place - 1), arrayFilter(place -> place > 0, [${found.join(', ')}]))`,
    )
  }
  return parts.length === 1 ? (parts[0] ?? '') : `arrayConcat(${parts.join(', ')})`
}

/** Of a text that is no UTF-8 the two engines think differently. */
function foundPlaces(patterns: string, count: number): string {
  const places = `arrayMap(place -> toUInt64(place), range(1, ${count + 1}))`
  const oneByOne = `arrayFilter((place, pattern) -> match(message, pattern), ${places}, ${patterns})`
  return `if(isValidUTF8(message), multiMatchAllIndices(message, ${patterns}), ${oneByOne})`
}

/** Automata stay the same from tick to tick. */
const lists = new WeakMap<Automaton, string>()

function list(automaton: Automaton): string {
  const known = lists.get(automaton)
  if (known !== undefined) return known
  const texts = automaton.map((pattern) => sharedSyntax(pattern) ?? pattern)
  const written = `splitByChar('\\0', ${literal(texts.join('\0'))})`
  lists.set(automaton, written)
  return written
}
