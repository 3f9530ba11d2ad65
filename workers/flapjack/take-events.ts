import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { acceptClaim } from '#db/repositories/taken-claims.ts'
import type { Event } from '#engine/event.ts'
import type { EventRefusal } from '#engine/intake/each-event.ts'
import type { SourceQuota } from '#engine/intake/source-quota.ts'
import { readQueuedEvents } from '#engine/intake/pushed-events.ts'
import { answerInTime } from './answer-in-time.ts'
import { type EventList, rejectedKey } from './event-list.ts'
import { nameOfClaim, parseClaim, watchClaims } from './left-claims.ts'
import { type ListQuota, openListQuota } from './list-quota.ts'

export interface TakingTools {
  readonly db: Database
  readonly clock: () => Date
  readonly log: Logger
  readonly environment: string
  /** Of the list. */
  readonly queue: string
  /** What it may bring; null = whatever there is. */
  readonly quota: SourceQuota | null
}

interface Course {
  readonly signal: AbortSignal
  /** Called several times a second, each time that all went well. */
  readonly onTurn: () => Promise<void>
}

const mostAtOnce = 500
/** Flapjack's list tells nobody when something comes, short of giving it away: looking is cheap. */
const idleMs = 50
const lookForLeftMs = 1000

/**
 * Takes events until the signal: moved aside in Redis, stored as one batch, and only then removed. The name of the taker is
 * good for one connection: a command that was on its way when another one broke may still be carried out, and its claim
 * must not be mistaken for a later one.
 */
export async function takeEvents(
  list: EventList,
  tools: TakingTools,
  { signal, onTurn }: Course,
): Promise<void> {
  const taker = randomUUID()
  const quota = openListQuota(tools)
  const settle = settler(list, tools, quota)
  const leftOf = watchClaims()
  const finishLeft = async () => {
    const claims = await list.claims()
    for (const name of leftOf(claims, tools.clock())) if (!signal.aborted) await settle(name)
    return claims
  }
  await finishOld(finishLeft, signal)
  let lookedAt = performance.now()
  for (let number = 1; !signal.aborted; number++) {
    if (performance.now() - lookedAt >= lookForLeftMs) {
      await finishLeft()
      lookedAt = performance.now()
    }
    const name = nameOfClaim({ taker, number })
    if (await answerInTime(quota.isUsedUp())) await rest(signal)
    else if (await list.claim(name, mostAtOnce)) await settle(name)
    else await rest(signal)
    await onTurn()
  }
}

/** What a killed one left is older than everything in the list, so it comes first: recoveries must not overtake failures. */
async function finishOld(finishLeft: () => Promise<string[]>, signal: AbortSignal): Promise<void> {
  let old = await finishLeft()
  while (old.length > 0 && !signal.aborted) {
    await rest(signal)
    const present = new Set(await finishLeft())
    old = old.filter((name) => present.has(name) && parseClaim(name) !== undefined)
  }
}

async function rest(signal: AbortSignal): Promise<void> {
  await pause(idleMs, undefined, { signal }).catch(() => undefined)
}

/** Finishes a claim, one's own or one that was left: safe to be done twice, and by two at once. */
function settler(
  list: EventList,
  { db, clock, log, environment }: TakingTools,
  quota: Pick<ListQuota, 'spend'>,
): (name: string) => Promise<void> {
  const tellRejected = rejectedTeller(log, clock)
  return async (name) => {
    const claim = parseClaim(name)
    if (!claim) return
    const raw = await list.read(name)
    const at = clock()
    quota.spend(raw.length)
    const { events, refused } = readQueuedEvents(
      raw.map((event) => event.toString()),
      environment,
    )
    const places = new Set(refused.map(({ index }) => index))
    const taken = { events, rejected: refused.length, environment, receivedAt: at }
    const isNews = raw.length > 0 && (await answerInTime(acceptClaim(db, claim, taken)))
    const settled = {
      accepted: raw.filter((_event, index) => !places.has(index)),
      rejected: raw.filter((_event, index) => places.has(index)),
      counts: countEvents(events, refused.length),
      at,
    }
    await list.settle(name, settled)
    if (isNews) tellRejected(refused, raw)
  }
}

function countEvents(events: readonly Event[], invalid: number): Readonly<Record<string, number>> {
  const ok = events.filter((event) => event.kind === 'service' && event.state === 'ok').length
  const action = events.filter((event) => event.kind !== 'service').length
  return { all: events.length + invalid, ok, failure: events.length - ok - action, action, invalid }
}

const quietMs = 10_000

/** A line at most every ten seconds: a producer that is wrong is wrong all the time. */
function rejectedTeller(
  log: Logger,
  clock: () => Date,
): (refused: readonly EventRefusal[], raw: readonly Buffer[]) => void {
  let count = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return (refused, raw) => {
    const [first] = refused
    if (!first) return
    count += refused.length
    const now = clock()
    if (now.getTime() - toldAt < quietMs) return
    log.warn(
      {
        rejected: count,
        because: first.problems.slice(0, 3),
        event: raw[first.index]?.toString().slice(0, 200),
        keptIn: rejectedKey(now),
      },
      'events of the Redis list were rejected; Redis keeps them',
    )
    count = 0
    toldAt = now.getTime()
  }
}
