import { fingerprint } from '#engine/fingerprint.ts'
import { labelValue, type Labels } from '#engine/labels.ts'
import { matchesAll, type Matcher } from '#engine/matcher.ts'
import { indexMatchers, type Matched } from '#engine/matcher-index.ts'

/** While a source fires, targets that agree with it on all of `equal` are not worth telling: the cause has been told. */
export interface InhibitionRule {
  readonly source: readonly Matcher[]
  readonly target: readonly Matcher[]
  readonly equal: readonly string[]
}

/** Something that fires. Silenced ones count: a silence hides a cause, it does not cure it. */
export interface FiringSource {
  readonly fingerprint: string
  readonly labels: Labels
}

export interface Inhibitions {
  /** The fingerprint of what inhibits it: of the first rule that does, its source of the lowest fingerprint. */
  readonly inhibitorOf: (labels: Labels) => string | undefined
}

/** Rules over everything that fires now. A question costs the rules whose target fits, never the number of sources. */
export function inhibitions(rules: readonly InhibitionRule[], firing: readonly FiringSource[]): Inhibitions {
  const prepared = rules.map((rule): PreparedRule => ({ ...rule, matchers: rule.target, sources: new Map() }))
  const bySource = indexMatchers(prepared.map((rule) => ({ rule, matchers: rule.source })))
  for (const source of firing) {
    for (const { rule } of bySource.find(source.labels)) addSource(rule, source)
  }
  const byTarget = indexMatchers(prepared)
  return { inhibitorOf: (labels) => findInhibitor(byTarget.find(labels), labels) }
}

/** The same for one pair, without preparation. */
export function inhibits(rule: InhibitionRule, source: Labels, target: Labels): boolean {
  const prepared = inhibitions([rule], [{ fingerprint: fingerprint(source), labels: source }])
  return prepared.inhibitorOf(target) !== undefined
}

/** Per agreement on `equal`, the lowest fingerprint of all sources and of those that are not targets themselves. */
interface Sources {
  any: string
  pure: string | undefined
}

interface PreparedRule extends InhibitionRule, Matched {
  readonly sources: Map<string, Sources>
}

function addSource(rule: PreparedRule, source: FiringSource): void {
  const key = agreement(rule, source.labels)
  const known = rule.sources.get(key)
  const isPure = !matchesAll(rule.target, source.labels)
  rule.sources.set(key, {
    any: lowest(known?.any, source.fingerprint),
    pure: isPure ? lowest(known?.pure, source.fingerprint) : known?.pure,
  })
}

/** What matches both sides is not inhibited by its own kind; else two such alerts would silence each other. */
function findInhibitor(rules: readonly PreparedRule[], labels: Labels): string | undefined {
  for (const rule of rules) {
    const sources = rule.sources.get(agreement(rule, labels))
    const inhibitor = matchesAll(rule.source, labels) ? sources?.pure : sources?.any
    if (inhibitor !== undefined) return inhibitor
  }
  return undefined
}

/** A label that both lack is one they agree on. */
function agreement(rule: InhibitionRule, labels: Labels): string {
  return JSON.stringify(rule.equal.map((name) => labelValue(labels, name)))
}

function lowest(one: string | undefined, other: string): string {
  return one !== undefined && one < other ? one : other
}
