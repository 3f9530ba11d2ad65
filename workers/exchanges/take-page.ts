import { setTimeout as pause } from 'node:timers/promises'
import { type Database, isDeadlock } from '#db/client.ts'
import { forgetSeen, lockCursors, recordSeen, saveCursors } from '#db/repositories/exchange-cursors.ts'
import { Overtaken } from '#db/repositories/known-checks.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import { dayOf } from '#engine/exchange/cursor.ts'
import type { Exchange } from '#engine/exchange/exchange.ts'
import { exchangeEvent } from '#engine/exchange/exchange-event.ts'
import type { PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import { type TakenIn, takeInWithin } from '#workers/processors/take-in.ts'
import type { Follower, Sweeping } from './sweeping.ts'

export interface Met {
  readonly rule: PerExchangeRule
  readonly exchange: Exchange
}

interface Page {
  /** As they are once the page is taken in. */
  readonly followers: readonly Follower[]
  readonly met: readonly Met[]
}

interface TakenPage {
  /** The rules that nobody else has read on for meanwhile. */
  readonly followers: readonly Follower[]
  /** How many exchanges were new. */
  readonly told: number
}

const longestTries = 5

/**
 * The exchanges of a page, what follows from the new ones, and how far was read: one transaction, or none of it. Ended at any
 * instant, a page was taken in whole or is read again.
 */
export async function takePage(sweeping: Sweeping, page: Page): Promise<TakenPage> {
  const { hands, reader } = sweeping
  const met = page.met.filter(({ rule, exchange }) => !reader.recent.has(rule.id, exchange.position.key))
  if (met.length === 0 && page.followers.every(({ stored, cursor }) => cursor === stored))
    return { followers: page.followers, told: 0 }
  const { followers, taken } = await tryAgain(() => takeAtOnce(sweeping, { ...page, met }))
  const ours = new Set(followers.map(({ rule }) => rule.id))
  for (const { rule, exchange } of met)
    if (ours.has(rule.id)) reader.recent.add(rule.id, exchange.position.key)
  if (taken) {
    hands.groupTeller?.tell(taken.claimedGroups)
    await hands.announce(taken.notificationIds, taken.outgoing)
  }
  return { followers, told: taken?.verdicts.length ?? 0 }
}

interface Taken {
  readonly followers: readonly Follower[]
  readonly taken: TakenIn | undefined
}

function takeAtOnce({ hands, instants }: Sweeping, page: Page): Promise<Taken> {
  const { db, settings, groupTeller } = hands
  const leaseMs = groupTeller?.leaseMs() ?? 0
  return db.transaction(async (tx) => {
    const followers = await lockOurs(tx, page.followers, instants.slot)
    const ours = new Set(followers.map(({ rule }) => rule.id))
    const fresh = await onlyNew(
      tx,
      page.met.filter(({ rule }) => ours.has(rule.id)),
    )
    const events = fresh.map(({ rule, exchange }) => exchangeEvent(rule, exchange, instants.slot))
    const deciding = { now: instants.slot, settings: withoutWelcome(settings), leaseMs }
    const taken = events.length === 0 ? undefined : await takeInWithin(tx, events, deciding)
    await saveCursors(
      tx,
      followers.map(({ cursor }) => cursor),
    )
    await forgetSeen(
      tx,
      followers.filter(({ stored, cursor }) => cursor.keptFrom > stored.keptFrom).map(({ cursor }) => cursor),
    )
    // What is decided next is decided upon what was written just now.
    const asStored = followers.map((follower) => ({ ...follower, stored: follower.cursor }))
    return { followers: asStored, taken }
  })
}

/** Whoever was overtaken by another worker is left out: that one reads on. */
export async function lockOurs(tx: Database, among: readonly Follower[], slot: Date): Promise<Follower[]> {
  const locked = await lockCursors(
    tx,
    among.map(({ rule }) => rule.id),
  )
  const revisions = new Map(locked.map(({ ruleId, revision }) => [ruleId, revision]))
  return among
    .filter(({ rule, stored }) => revisions.get(rule.id) === stored.revision)
    .map(({ cursor, ...same }) => ({
      ...same,
      cursor: { ...cursor, revision: same.stored.revision + 1, lastSlot: slot },
    }))
}

async function onlyNew(tx: Database, met: readonly Met[]): Promise<Met[]> {
  const keyed = new Map(
    met.map((one) => {
      const row = { ruleId: one.rule.id, day: dayOf(one.exchange.at), rowKey: one.exchange.position.key }
      return [keyOf(row), { one, row }]
    }),
  )
  const fresh = await recordSeen(
    tx,
    [...keyed.values()].map(({ row }) => row),
  )
  return fresh.flatMap((row) => keyed.get(keyOf(row))?.one ?? [])
}

function keyOf({ ruleId, day, rowKey }: { ruleId: string; day: Date; rowKey: string }): string {
  return `${ruleId} ${day.getTime()} ${rowKey}`
}

/** Each exchange is a check that was never seen before; a maintenance for new checks would keep all of them quiet. */
function withoutWelcome(settings: DecisionSettings): DecisionSettings {
  return { ...settings, notification: { ...settings.notification, newCheckMaintenanceSeconds: 0 } }
}

/** Another worker stored one of the same checks first, or waited for us while we waited for it. */
async function tryAgain<Result>(action: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await action()
    } catch (error) {
      const isTransient = error instanceof Overtaken || isDeadlock(error)
      if (!isTransient || tries === longestTries) throw error
      await pause(10 * tries)
    }
  }
}
