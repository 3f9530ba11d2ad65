import type { CompiledRule } from '#engine/rule/compile.ts'

/** A rule that spoils the question it shares with others is asked about alone, and no more often than this. */
const retryAfterMs = 60_000

interface Held {
  readonly because: string
  readonly retryAt: number
}

/** A rule that was changed is another one, and gets its chance at once. */
export interface Quarantine {
  readonly holds: (rule: CompiledRule) => boolean
  /** Why it is held, while it is not to be tried; undefined = try it alone. */
  readonly reasonNotToTry: (rule: CompiledRule, slot: Date) => string | undefined
  readonly hold: (rule: CompiledRule, because: string, slot: Date) => void
  readonly release: (rule: CompiledRule) => void
  /** Grows whenever somebody comes or goes. */
  readonly changes: () => number
}

export function openQuarantine(): Quarantine {
  const held = new WeakMap<CompiledRule, Held>()
  let changes = 0
  return {
    holds: (rule) => held.has(rule),
    reasonNotToTry: (rule, slot) => {
      const known = held.get(rule)
      return known && slot.getTime() < known.retryAt ? known.because : undefined
    },
    hold: (rule, because, slot) => {
      if (!held.has(rule)) changes++
      held.set(rule, { because, retryAt: slot.getTime() + retryAfterMs })
    },
    release: (rule) => {
      if (held.delete(rule)) changes++
    },
    changes: () => changes,
  }
}
