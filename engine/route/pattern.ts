import { RE2JS } from 're2js'

/*
 * Patterns people bring from Flapjack are Ruby's, but they run on a linear engine, so that no pattern can stall the house.
 * As in Ruby a pattern may match anywhere, minds case, and `^` and `$` match at line breaks. The switches `(?m)` (Ruby:
 * the dot matches line breaks), `(?i)` and `(?-mix:…)` mean what they mean in Ruby.
 *
 * Refused, so that nobody waits for a match that cannot come: look-ahead and look-behind, back references, atomic groups,
 * possessive quantifiers, `(?x)`, `\h`, `\R`, `\X`, `\G`, `\K`, `\Z` (use `\z`), conditionals, subexpression calls, repeats
 * above 1,000.
 * Read differently: `&&` inside brackets and `{,n}` (use `{0,n}`) stand for themselves; `\b` and `[[:alpha:]]` and its like
 * know ASCII letters only; `\s` leaves out the vertical tab.
 */

export type Pattern =
  | { readonly kind: 'pattern'; readonly source: string; readonly isIn: (text: string) => boolean }
  | { readonly kind: 'broken'; readonly source: string; readonly because: string }

/** Compiling costs memory in proportion; nobody writes longer ones by hand. */
const longestPattern = 1000

export function compilePattern(source: string): Pattern {
  if (source.length > longestPattern) {
    return { kind: 'broken', source, because: `the pattern is longer than ${longestPattern} characters` }
  }
  try {
    const compiled = RE2JS.compile(withRubySwitches(source), RE2JS.MULTILINE)
    return { kind: 'pattern', source, isIn: (text) => compiled.test(text) }
  } catch (error) {
    return { kind: 'broken', source, because: error instanceof Error ? error.message : String(error) }
  }
}

/** An escaped character, a bracket expression, or the head of a group with switches. */
const tokens = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?([imx]*)(?:-([imx]*))?([:)])/gs

function withRubySwitches(source: string): string {
  return source.replace(
    tokens,
    (token, on: string | undefined, off: string | undefined, end: string | undefined) => {
      if (end === undefined || (on === '' && off === undefined)) return token
      if (on?.includes('x'))
        throw new Error('the switch (?x) is not supported; write the pattern without spaces and comments')
      const switchedOff = translated(off ?? '')
      return `(?${translated(on ?? '')}${switchedOff && `-${switchedOff}`}${end}`
    },
  )
}

function translated(switches: string): string {
  return switches.replaceAll('x', '').replaceAll('m', 's')
}
