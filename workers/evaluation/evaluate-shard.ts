import { setTimeout as pause } from 'node:timers/promises'
import { type Claim, claimSlot } from '#db/repositories/evaluation-shards.ts'
import { isPerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import { type BreakerSettings, defaultBreakerSettings } from '#engine/rule/circuit-breaker.ts'
import type { CompiledRule } from '#engine/rule/compile.ts'
import { isRuleDue } from '#engine/rule/due.ts'
import { drainExchanges } from '#workers/exchanges/drain-exchanges.ts'
import type { Hands } from '#workers/hands.ts'
import { commitEvaluation } from './commit-evaluation.ts'
import { drawPictures } from './draw-pictures.ts'
import { type Evaluated, eventsOf } from './events-of.ts'
import type { Settling } from './settling.ts'
import { nothingObserved, together } from './observation.ts'
import { openObserver } from './observer.ts'
import type { RuleBook, Shard } from './rule-book.ts'
import { howItStands, loadStandings, openKinds, type Standings, standingOf } from './standings.ts'

/** A picture that takes longer comes with the next edit of the message. */
const pictureWaitMs = 2000

/** Evaluates what is due in a shard, for the slot that was offered and never for "now". */
export type Evaluate = (shard: string) => Promise<void>

export interface EvaluatorParts {
  readonly hands: Hands
  readonly book: RuleBook
  readonly breaker?: BreakerSettings
}

export function openEvaluator({ hands, book, breaker = defaultBreakerSettings }: EvaluatorParts): Evaluate {
  const observer = openObserver(hands.telemetry)
  return async (name) => {
    const claim = await claimSlot(hands.db, name)
    if (!claim) return
    const booked = await book.current()
    const shard = booked.shards.get(name) ?? { name, rules: [], kinds: [] }
    const standings = await loadStandings(hands.db, shard, booked)
    const due = dueRules(shard, standings, claim)
    const closed = openKinds(standings, claim.slot)
    const asked = closed.size === 0 ? due : due.filter(({ kind }) => !closed.has(kind))
    const began = performance.now()
    const observation =
      asked.length === 0
        ? nothingObserved
        : together([
            await observer.observe(shard, asked.filter(isJudged), {
              slot: claim.slot,
              standingOf: (rule) => standingOf(standings, rule),
            }),
            await drainExchanges(hands, asked, claim.slot),
          ])
    const evaluated: Evaluated = {
      observation,
      skipped: due.filter(({ kind }) => closed.has(kind)).map(skip),
      standings,
      progress: claim.progress,
      slot: claim.slot,
    }
    const seconds = (performance.now() - began) / 1000
    await settle({ hands, claim, booked, shard, evaluated, due, seconds, breaker })
  }
}

/** Others read on, each from where it was. */
function isJudged({ rule }: CompiledRule): boolean {
  return !isPerExchangeRule(rule)
}

async function settle(settling: Settling): Promise<void> {
  const { hands, claim, due, evaluated } = settling
  tellTroubles(settling)
  const taken = await commitEvaluation(settling, eventsOf(evaluated))
  if (!taken) return
  await Promise.race([
    drawPictures(hands, taken.turned, due, claim.slot),
    pause(pictureWaitMs, undefined, { ref: false }),
  ])
  await hands.announce(taken.notificationIds)
}

function dueRules(shard: Shard, standings: Standings, { progress, slot }: Claim): readonly CompiledRule[] {
  const at = slot.getTime()
  return shard.rules.filter((rule) => isRuleDue(rule, progress, at, howItStands(standings, rule)))
}

function skip(rule: CompiledRule) {
  const because = `Circuit breaker open for ${rule.kind}: its last evaluations failed, and it is tried again soon.`
  return { rule, because, wasAsked: false }
}

/** A line for each reason, not for each rule, and only when it is new. */
function tellTroubles({ hands: { log }, evaluated: { observation, standings } }: Settling): void {
  const fresh = observation.unanswered.filter(
    ({ rule, because }) => standings.troubles.get(rule.rule.id)?.because !== because,
  )
  for (const [because, some] of Map.groupBy(fresh, (one) => one.because))
    log.warn({ rule: some[0]?.rule.rule.name, rules: some.length, because }, 'a rule was not answered')
}
