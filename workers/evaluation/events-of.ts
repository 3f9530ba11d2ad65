import { firstEnvironment } from '#db/repositories/environments.ts'
import type { FailingChecks } from '#db/repositories/failing-checks.ts'
import type { HealthEvent } from '#engine/event.ts'
import { type Progress, toleratedMs, wasBlind } from '#engine/rule/cadence.ts'
import type { CompiledRule } from '#engine/rule/compile.ts'
import type { Reading } from '#engine/rule/condition.ts'
import { entityOf, observe, observeError, observeGone } from '#engine/rule/observe.ts'
import { silenceCheckKey, silenceEvent } from '#engine/rule/silence-event.ts'
import { storeCheckKey, storeEvent } from '#engine/rule/store-event.ts'
import type { Observation, Unanswered } from './observation.ts'
import type { Standings } from './standings.ts'

export interface Evaluated {
  readonly observation: Observation
  readonly skipped: readonly Unanswered[]
  readonly standings: Standings
  readonly progress: Progress
  readonly slot: Date
}

/** Only what fails or recovers: that a thousand rules are well is no news. */
export function eventsOf(evaluated: Evaluated): HealthEvent[] {
  const { observation, skipped, standings, slot } = evaluated
  const events: (HealthEvent | undefined)[] = []
  for (const { rule, readings } of observation.answered) {
    for (const reading of readings) {
      if (mayBeNews(rule, reading, standings.failing)) events.push(tell(evaluated, rule, reading))
    }
    for (const entity of goneFrom(rule, readings, standings.failing))
      events.push(observeGone(rule.rule, entity, slot))
  }
  for (const { rule, because } of [...observation.unanswered, ...skipped]) {
    if (rule.rule.errorPolicy === 'FIRE' || standings.failing.has(rule.rule.id))
      events.push(observeError(rule.rule, because, slot))
  }
  for (const [store, problem] of observation.stores) {
    const isOver =
      standings.failingPlatform.has(storeCheckKey(store)) && !standings.troubledElsewhere.has(store)
    if (problem !== undefined || isOver) events.push(storeEvent(firstEnvironment.slug, store, problem, slot))
  }
  for (const [relation, since] of observation.silences) {
    if (since !== undefined || standings.failingPlatform.has(silenceCheckKey(relation)))
      events.push(silenceEvent(firstEnvironment.slug, relation, since, slot))
  }
  return events.filter((event) => event !== undefined)
}

function mayBeNews({ rule }: CompiledRule, { verdict }: Reading, failing: FailingChecks): boolean {
  return (
    verdict === 'breach' || (verdict === 'no-data' && rule.noDataPolicy === 'FIRE') || failing.has(rule.id)
  )
}

function tell(evaluated: Evaluated, rule: CompiledRule, reading: Reading): HealthEvent | undefined {
  const event = observe(rule.rule, reading, evaluated.slot)
  if (!event || event.state === 'ok' || event.initialFailureDelaySeconds === 0) return event
  return isBlind(evaluated, rule) ? { ...event, afterBlindness: true } : event
}

/** Nobody looked for a while, or nobody answered, or it was another rule until now. */
function isBlind(
  { standings, progress, slot }: Evaluated,
  { rule, revision, cadence }: CompiledRule,
): boolean {
  if (revision > progress.revision) return true
  if (wasBlind(cadence, progress, slot.getTime())) return true
  const trouble = standings.troubles.get(rule.id)
  return (
    trouble !== undefined &&
    rule.errorPolicy === 'KEEP_LAST' &&
    slot.getTime() - trouble.since.getTime() > toleratedMs(cadence)
  )
}

/** What a rule over many things failed for and does not see any more, and what it watched before it was changed. */
function goneFrom(
  { rule, definition }: CompiledRule,
  readings: readonly Reading[],
  failing: FailingChecks,
): string[] {
  const before = failing.get(rule.id)
  if (!before) return []
  const seen = new Set(readings.map(({ subject }) => entityOf(rule, subject).toLowerCase()))
  if (!definition.hasSubjects) seen.add(entityOf(rule).toLowerCase())
  return [...before].flatMap(([key, entity]) => (seen.has(key) ? [] : entity))
}
