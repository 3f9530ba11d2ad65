import type { RuleTarget } from '#engine/rule/bindings.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState } from '#engine/event.ts'
import { isLinked } from './contacts.ts'
import { governing } from './media.ts'
import { generalRules, outcomeFor, type RouteOutcome } from './route.ts'
import type { Listener, Routing } from './routing.ts'
import { type CompiledRule, type Mismatch, mismatch, type RuleSubject } from './rules.ts'

export interface ContactExplanation {
  readonly contactId: string
  /** The targets of its rule that name this contact. */
  readonly named: readonly RuleTarget[]
  readonly outcome: RouteOutcome | { readonly kind: 'not-linked'; readonly contactId: string }
  readonly rules: readonly RuleExplanation[]
}

interface RuleExplanation {
  readonly ruleId: string
  /** `set-aside`: it matches, but it is general and a specific rule matches too. */
  readonly verdict: 'governs' | 'set-aside' | Mismatch
  readonly brokenBecause?: string
}

/** Who would hear and who not, contact by contact and rule by rule. Scans everything: for people, not for storms. */
export function explainRouting(
  routing: Routing,
  subject: RuleSubject,
  severity: CheckState,
  now: EpochSeconds,
): ContactExplanation[] {
  return [...routing.listeners.values()].map((listener) => {
    const { contactId } = listener
    const mismatches = new Map(
      rulesOf(listener, subject).map((compiled) => [compiled, mismatch(compiled, subject, now)]),
    )
    const matching = [...mismatches].filter(([, found]) => found === undefined).map(([compiled]) => compiled)
    const governs = governing(matching)
    const named = subject.named?.get(contactId) ?? []
    const outcome =
      named.length > 0 || isLinked(routing.links, contactId, subject)
        ? outcomeFor(listener, governs, severity)
        : ({ kind: 'not-linked', contactId } as const)
    return {
      contactId,
      named,
      outcome,
      rules: [...mismatches].map(([compiled, found]) => explainRule(compiled, found, governs)),
    }
  })
}

function explainRule(
  compiled: CompiledRule,
  found: Mismatch | undefined,
  governs: readonly CompiledRule[],
): RuleExplanation {
  return {
    ruleId: compiled.rule.id,
    verdict: found ?? (governs.includes(compiled) ? 'governs' : 'set-aside'),
    ...(compiled.brokenBecause !== undefined && { brokenBecause: compiled.brokenBecause }),
  }
}

function rulesOf(listener: Listener, subject: RuleSubject): readonly CompiledRule[] {
  return [...listener.specific, ...generalRules(listener, subject)]
}
