import type { Database } from '#db/client.ts'
import { recordLateness } from '#db/repositories/evaluation-gaps.ts'
import { commitSlot } from '#db/repositories/evaluation-shards.ts'
import { Overtaken } from '#db/repositories/known-checks.ts'
import { endTroubles, recordTroubles } from '#db/repositories/troubled-rules.ts'
import type { HealthEvent } from '#engine/event.ts'
import { wasBlind } from '#engine/rule/cadence.ts'
import { type TakenIn, takeInWithin } from '#workers/processors/take-in.ts'
import type { Store } from '#engine/telemetry/telemetry.ts'
import { countBatches } from './count-batches.ts'
import type { Observation } from './observation.ts'
import type { Settling } from './settling.ts'

const mostAttempts = 5

/** As many as one statement's parameters hold with room to spare. */
const eventsAtOnce = 1000

/**
 * Keeps in one transaction what was decided and how far the shard is, so that a slot is decided once or not at all. Undefined: a
 * newer slot was claimed meanwhile.
 */
export async function commitEvaluation(
  settling: Settling,
  events: readonly HealthEvent[],
): Promise<Pick<TakenIn, 'turned' | 'notificationIds'> | undefined> {
  const { db } = settling.hands
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction((tx) => keep(tx, settling, events))
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === mostAttempts) throw error
    }
  }
}

async function keep(tx: Database, settling: Settling, events: readonly HealthEvent[]) {
  const { hands, claim, booked, evaluated } = settling
  const troubles = troublesAfter(settling)
  const isCommitted = await commitSlot(tx, claim, {
    revision: booked.revision,
    isTroubled: settling.shard.rules.some(({ rule }) => troubles.remaining.has(rule.id)),
    troubledStore: troubledStore(evaluated.observation),
    lagMs: Math.max(0, hands.clock().getTime() - claim.slot.getTime()),
  })
  if (!isCommitted) return undefined
  if (isLate(settling))
    await recordLateness(tx, claim.shard, new Date(claim.progress.evaluatedTo), claim.slot)
  await countBatches(tx, settling)
  await recordTroubles(tx, troubles.begun, evaluated.slot)
  await endTroubles(tx, troubles.ended)
  return takeAllIn(tx, settling, events)
}

function troubledStore({ stores }: Observation): Store | null {
  return [...stores].find(([, problem]) => problem !== undefined)?.[0] ?? null
}

async function takeAllIn(tx: Database, { hands, claim }: Settling, events: readonly HealthEvent[]) {
  const turned: TakenIn['turned'][] = []
  const notificationIds: string[] = []
  for (let begin = 0; begin < events.length; begin += eventsAtOnce) {
    const taking = { now: claim.slot, settings: hands.settings, leaseMs: 0 }
    const taken = await takeInWithin(tx, events.slice(begin, begin + eventsAtOnce), taking)
    turned.push(taken.turned)
    notificationIds.push(...taken.notificationIds)
  }
  return { turned: turned.flat(), notificationIds }
}

/** Slots went by while the ticker ran: a standstill was noted by the ticker itself. */
function isLate({ claim: { progress, slot }, due }: Settling): boolean {
  const { evaluatedTo, gap } = progress
  if (evaluatedTo === -Infinity || (gap && gap.to > evaluatedTo)) return false
  return due.some(({ cadence }) => wasBlind(cadence, progress, slot.getTime()))
}

interface Troubles {
  readonly begun: ReadonlyMap<string, string>
  readonly ended: readonly string[]
  readonly remaining: ReadonlySet<string>
}

/** What is skipped keeps the reason it had. */
function troublesAfter({ evaluated }: Settling): Troubles {
  const { observation, skipped, standings } = evaluated
  const begun = new Map<string, string>()
  for (const { rule, because } of observation.unanswered) {
    if (standings.troubles.get(rule.rule.id)?.because !== because) begun.set(rule.rule.id, because)
  }
  for (const { rule, because } of skipped)
    if (!standings.troubles.has(rule.rule.id)) begun.set(rule.rule.id, because)
  const ended =
    standings.troubles.size === 0
      ? []
      : observation.answered.flatMap(({ rule: { rule } }) => (standings.troubles.has(rule.id) ? rule.id : []))
  const remaining = new Set([...standings.troubles.keys(), ...begun.keys()])
  for (const id of ended) remaining.delete(id)
  return { begun, ended, remaining }
}
