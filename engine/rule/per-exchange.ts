import type { PerExchange } from './conditions/exchange-match.ts'
import type { Condition } from './conditions/registry.ts'

/** Every exchange is an alert of its own, told once: nothing lasts, nothing is repeated, nothing recovers. */
export function isPerExchange(condition: Condition): condition is PerExchange {
  return condition.kind === 'EXCHANGE_MATCH' && condition.fireMode === 'PER_EXCHANGE'
}

interface Timing {
  readonly condition: Condition
  readonly forDurationSeconds: number
  readonly reNotifyMinutes: number
  readonly errorPolicy: string
}

/** What such a rule cannot have, by its field. */
export function perExchangeProblems({ condition, forDurationSeconds, reNotifyMinutes, errorPolicy }: Timing) {
  if (!isPerExchange(condition)) return []
  const reminded = {
    field: 'reNotifyMinutes',
    problem: 'PER_EXCHANGE tells of each exchange once: reNotifyMinutes must be 0 or left out.',
  }
  const lasting = {
    field: 'forDurationSeconds',
    problem: 'PER_EXCHANGE fires for each exchange at once: forDurationSeconds must be 0 or left out.',
  }
  const fired = {
    field: 'errorPolicy',
    problem: 'PER_EXCHANGE fires for exchanges alone: errorPolicy must be KEEP_LAST or RESOLVE.',
  }
  return [
    ...(errorPolicy === 'FIRE' ? [fired] : []),
    ...(reNotifyMinutes === 0 ? [] : [reminded]),
    ...(forDurationSeconds === 0 ? [] : [lasting]),
  ]
}
