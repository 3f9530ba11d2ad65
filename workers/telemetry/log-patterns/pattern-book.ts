import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { openAutomata } from './automata.ts'
import type { Automaton, PatternScan } from './pattern-scan.ts'

/** Decides how a store is asked which of many patterns a line matches. */
export interface PatternBook {
  /** For patterns that are asked about once. */
  scanFor(patterns: readonly string[]): Promise<PatternScan>
  /** For all that are asked about again and again: the store's automaton is built around them. */
  standingScanFor(patterns: readonly string[]): Promise<PatternScan>
}

/** So many patterns are compiled while somebody waits, in some 50 ms. */
const mostRecent = 64
/** Recent patterns that nobody added to for so long join the others. */
const quietMs = 300_000
/** So few are found as fast one by one, and need no compiling. */
const fewPatterns = 4

/**
 * Compiling a thousand patterns takes the store a second, and any change of the list compiles all of it. So there are two lists: a
 * large one that rarely changes, and is compiled beside before it is used, and a small one of what was added lately.
 */
export function openPatternBook(
  store: TelemetryStore,
  clock: () => number = () => performance.now(),
): PatternBook {
  const automata = openAutomata(store)
  let stable: readonly Automaton[] = []
  let recent = ''
  let quietSince = clock()
  let folding: Promise<void> | undefined

  function strangersOf(shared: Automaton): Automaton {
    const known = new Set(stable.flat())
    return shared.filter((pattern) => !known.has(pattern))
  }

  async function scanFor(patterns: readonly string[]): Promise<PatternScan> {
    if (patterns.length <= fewPatterns) return { automata: [], slow: patterns }
    const shared = automata.shared(patterns)
    const strangers = strangersOf(shared)
    const others = strangers.length < shared.length ? stable : []
    const used = [...others, ...(await automata.compile(strangers))]
    const found = new Set(used.flat())
    return { automata: used, slow: patterns.filter((pattern) => !found.has(pattern)) }
  }

  async function fold(shared: Automaton): Promise<void> {
    try {
      stable = await automata.compile(shared)
    } catch {
      // The store is away, which whoever asks it now is told; the next to ask folds.
    } finally {
      folding = undefined
    }
  }

  return {
    scanFor,
    standingScanFor: (patterns) => {
      const shared = automata.shared(patterns)
      const strangers = strangersOf(shared)
      if (strangers.join('\0') !== recent) quietSince = clock()
      recent = strangers.join('\0')
      const isQuiet = clock() - quietSince > quietMs
      if (strangers.length > mostRecent || (strangers.length > 0 && isQuiet)) folding ??= fold(shared)
      return scanFor(patterns)
    },
  }
}
