import type { Reading } from '#engine/rule/condition.ts'
import type { CompiledRule } from '#engine/rule/compile.ts'
import type { Relation } from '#engine/rule/silence-event.ts'
import type { Store } from '#engine/telemetry/telemetry.ts'

/** What was found out about rules at one slot. */
export interface Observation {
  readonly answered: readonly { readonly rule: CompiledRule; readonly readings: readonly Reading[] }[]
  readonly unanswered: readonly Unanswered[]
  /** The stores that were asked, and why one as a whole could not be; no rule is to blame for that. */
  readonly stores: ReadonlyMap<Store, string | undefined>
  /** What was looked at, and since when nothing comes into it. */
  readonly silences: ReadonlyMap<Relation, Date | undefined>
}

export interface Unanswered {
  readonly rule: CompiledRule
  readonly because: string
  /** False: it was known before that there would be no answer. */
  readonly wasAsked: boolean
}

export const nothingObserved: Observation = {
  answered: [],
  unanswered: [],
  stores: new Map(),
  silences: new Map(),
}

export function together(parts: readonly Observation[]): Observation {
  const [only, ...more] = parts
  if (only && more.length === 0) return only
  const stores = new Map<Store, string | undefined>()
  for (const [store, problem] of parts.flatMap((part) => [...part.stores]))
    stores.set(store, problem ?? stores.get(store))
  return {
    answered: parts.flatMap(({ answered }) => answered),
    unanswered: parts.flatMap(({ unanswered }) => unanswered),
    stores,
    silences: new Map(parts.flatMap(({ silences }) => [...silences])),
  }
}
