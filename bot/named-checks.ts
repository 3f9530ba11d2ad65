import { markOf, mostFailingChecks, namingWindowMs } from '#engine/intake/named-checks.ts'

/** Which different checks each source said to fail lately, in the memory of this process. */
export interface NamedChecks {
  /** Those of these that are one too many; the others are known from now on. */
  readonly tooMany: (source: string, names: readonly string[], nowMs: number) => ReadonlySet<string>
}

interface Named {
  readonly sinceMs: number
  readonly marks: Set<number>
}

/** Of all sources together; beyond that everybody begins anew. */
const mostRemembered = 20 * mostFailingChecks

export function openNamedChecks(most = mostFailingChecks): NamedChecks {
  const known = new Map<string, Named>()
  let remembered = 0

  function namedBy(source: string, nowMs: number): Named {
    const named = known.get(source)
    if (named && Math.abs(nowMs - named.sinceMs) < namingWindowMs) return named
    if (remembered > mostRemembered) known.clear()
    const fresh: Named = { sinceMs: nowMs, marks: new Set() }
    known.set(source, fresh)
    remembered = [...known.values()].reduce((sum, { marks }) => sum + marks.size, 0)
    return fresh
  }

  return {
    tooMany: (source, names, nowMs) => {
      const { marks } = namedBy(source, nowMs)
      const refused = new Set<string>()
      for (const name of names) {
        const mark = markOf(name)
        if (marks.has(mark)) continue
        if (marks.size >= most) refused.add(name)
        else marks.add(mark)
      }
      return refused
    },
  }
}
