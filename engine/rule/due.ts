import { type Cadence, cadenceOf, isDue, type Progress } from './cadence.ts'
import type { CompiledRule } from './compile.ts'

/** What got no answer is asked for again once a minute, however long its interval. */
const retrySeconds = 60

export interface HowItStands {
  readonly isFailing: boolean
  readonly isTroubled: boolean
}

/** Whether to evaluate a rule for this slot. */
export function isRuleDue(
  rule: CompiledRule,
  progress: Progress,
  slot: number,
  { isFailing, isTroubled }: HowItStands,
): boolean {
  if (isDue(rule.cadence, rule.revision, progress, slot)) return true
  const follows = (cadence: Cadence) => isDue(cadence, rule.revision, progress, slot)
  return (
    (isFailing && rule.firingCadence !== undefined && follows(rule.firingCadence)) ||
    (isTroubled && rule.rule.evaluationIntervalSeconds > retrySeconds && follows(retryCadence(rule)))
  )
}

/** Whether it may be: the ticker does not know how rules stand. */
export function isRulePerhapsDue(rule: CompiledRule, progress: Progress, slot: number): boolean {
  return isRuleDue(rule, progress, slot, { isFailing: true, isTroubled: false })
}

function retryCadence({ rule }: CompiledRule): Cadence {
  return cadenceOf(rule.id, retrySeconds)
}
