import { performance } from 'node:perf_hooks'
import { allDone } from '#db/all-done.ts'
import { isDeadlock, sqlState } from '#db/client.ts'
import {
  type AcceptedBatch,
  holdIntake,
  isIntakeHeld,
  listOldestBatches,
  removeBatches,
  setBatchAside,
} from '#db/repositories/batches.ts'
import { Overtaken } from '#db/repositories/known-checks.ts'
import { makeStorable } from '#engine/storable-text.ts'
import type { Hands } from '#workers/hands.ts'
import { decideBatches } from './decide-batches.ts'

export type Drainer = Pick<Hands, 'db' | 'announce' | 'clock' | 'log' | 'settings' | 'groupTeller'>

/** Many small requests are decided as one; more than this would make the first of them wait for the last. */
const itemsAtOnce = 1000

/** Decides everything that was accepted, oldest first, until nothing is left. */
export async function drainBatches(hands: Drainer): Promise<void> {
  while (await drainSome(hands)) continue
}

/** The same, unless somebody is at it: who sweeps should find what was forgotten, and wait for nobody. */
export async function drainForgotten(hands: Drainer): Promise<void> {
  if (!(await isIntakeHeld(hands.db))) await drainBatches(hands)
}

/** → whether there may be more. What is accepted from now on is heard of again. */
async function drainSome(hands: Drainer): Promise<boolean> {
  try {
    const batches = await drain(hands, itemsAtOnce)
    return batches.reduce((sum, { items }) => sum + items.length, 0) >= itemsAtOnce
  } catch (error) {
    if (error instanceof Overtaken || isDeadlock(error)) return true
    if (!isOfTheData(error)) throw error
    return drainOldest(hands)
  }
}

/** One of many is to blame: alone, the oldest either gets through or is set aside with the reason. */
async function drainOldest(hands: Drainer): Promise<boolean> {
  let oldest: readonly AcceptedBatch[] = []
  try {
    await drain(hands, 1, (batches) => (oldest = batches))
  } catch (error) {
    const [batch] = oldest
    if (!isOfTheData(error) || !batch) throw error
    hands.log.error(
      { err: error, batch: batch.id },
      'a batch of events cannot be decided; it is kept in the table batches',
    )
    await setBatchAside(hands.db, batch.id, reasonOf(error))
  }
  return oldest.length > 0
}

/**
 * What is decided and that it was decided are one transaction: killed at any instant, a batch is either still there or
 * done. Deliveries are announced after it; the sweeper finds those that were not.
 */
async function drain(
  { db, announce, clock, settings, groupTeller, log }: Drainer,
  items: number,
  look: (batches: readonly AcceptedBatch[]) => void = () => undefined,
): Promise<readonly AcceptedBatch[]> {
  const began = performance.now()
  const leaseMs = groupTeller?.leaseMs() ?? 0
  const { batches, decided } = await db.transaction(async (tx) => {
    const [, batches] = await allDone([holdIntake(tx), listOldestBatches(tx, items)])
    if (batches.length === 0) return { batches }
    look(batches)
    const ids = batches.map((batch) => batch.id)
    const [decided] = await allDone([
      decideBatches(tx, batches, { now: clock(), settings, leaseMs }),
      removeBatches(tx, ids),
    ])
    return { batches, decided }
  })
  if (decided) {
    const [first] = decided.forged
    if (first)
      log.warn(
        { events: decided.forged.length, entity: first.entity, check: first.check },
        'events in the name of a check that somebody else speaks for were left out',
      )
    groupTeller?.tell(decided.claimedGroups)
    await announce(decided.notificationIds, { ...decided.outgoing, since: began })
  }
  return batches
}

/** An outage, a deadlock or a shutdown says nothing about the data; a value the database refuses, or a bug of ours, does. */
function isOfTheData(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || /^(22|23)/.test(state)
}

/** What the database or the engine said itself; what wraps it repeats the whole query. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return makeStorable(String(error))
  return error.cause instanceof Error ? reasonOf(error.cause) : makeStorable(error.message)
}
