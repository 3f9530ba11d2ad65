import { TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Automaton, compilation } from './pattern-scan.ts'
import { sharedSyntax } from './shared-syntax.ts'

/** The automata of a store. It keeps them by the list of their patterns, so each list is compiled once. */
export interface Automata {
  /** Of these patterns those that the store may be asked for with others, each once, in an order that is the same for everyone. */
  shared(patterns: readonly string[]): Automaton
  /** Has them compiled: usually into one, without those that the store refuses. */
  compile(patterns: Automaton): Promise<readonly Automaton[]>
}

const mostRemembered = 16

export function openAutomata(store: TelemetryStore): Automata {
  const refused = new Set<string>()
  const known = new Map<string, boolean>()
  const remembered = new Map<string, Promise<readonly Automaton[]>>()

  function isShared(pattern: string): boolean {
    const isKnown = known.get(pattern) ?? sharedSyntax(pattern) !== undefined
    known.set(pattern, isKnown)
    return isKnown && !refused.has(pattern)
  }

  async function accepts(patterns: Automaton): Promise<boolean> {
    try {
      await store.query(compilation(patterns))
      return true
    } catch (error) {
      if (error instanceof TelemetryUnavailable) throw error
      return false
    }
  }

  /** A store that finds one pattern too hard, or all of them too many, refuses the whole list. */
  async function compile(patterns: Automaton): Promise<readonly Automaton[]> {
    if (patterns.length === 0) return []
    if (await accepts(patterns)) return [patterns]
    if (patterns.length === 1) {
      refused.add(patterns[0] ?? '')
      return []
    }
    const middle = Math.floor(patterns.length / 2)
    const first = await compile(patterns.slice(0, middle))
    const halves = [...first, ...(await compile(patterns.slice(middle)))]
    const left = halves.flat()
    return left.length < patterns.length && (await accepts(left)) ? [left] : halves
  }

  return {
    shared: (patterns) => [...new Set(patterns)].filter(isShared).sort(),
    compile: (patterns) => {
      const key = patterns.join('\0')
      const compiling = remembered.get(key) ?? compile(patterns)
      remembered.delete(key)
      remembered.set(key, compiling)
      compiling.catch(() => remembered.delete(key))
      const [oldest = key] = remembered.keys()
      if (remembered.size > mostRemembered) remembered.delete(oldest)
      return compiling
    },
  }
}
