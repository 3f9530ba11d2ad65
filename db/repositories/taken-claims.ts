import { lt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { batches, listReaders, takenClaims } from '#db/schema/intake.ts'
import type { Event } from '#engine/event.ts'
import { batchesChannel } from './batches.ts'

/** Events moved aside in Redis by one taker; what is in a claim never changes. */
export interface Claim {
  readonly taker: string
  readonly number: number
}

interface Taken {
  readonly events: readonly Event[]
  readonly rejected: number
  readonly environment: string
  readonly receivedAt: Date
}

/**
 * The batch and that its claim was accepted are one statement: whoever comes with the same claim again, after a crash or at
 * the same time, gets false and nothing is stored.
 */
export async function acceptClaim(
  db: Database,
  { taker, number }: Claim,
  { events, rejected, environment, receivedAt }: Taken,
): Promise<boolean> {
  const at = sql`${receivedAt.toISOString()}::timestamptz`
  const [row] = await db.execute<{ claimed: number }>(sql`
    with claimed as (
      insert into ${takenClaims} as before (taker, last, taken, rejected, accepted_at)
      values (${taker}, ${number}::bigint, ${events.length}::bigint, ${rejected}::bigint, ${at})
      on conflict (taker) do update set
        last = excluded.last,
        taken = before.taken + excluded.taken,
        rejected = before.rejected + excluded.rejected,
        accepted_at = excluded.accepted_at
      where before.last < excluded.last
      returning taker
    ), accepted as (
      insert into ${batches} (environment, source, items, size, received_at)
      select ${environment}, 'events', ${JSON.stringify(events)}::json, ${events.length}::int, ${at}
      from claimed where ${events.length}::int > 0
      returning id
    )
    select (select count(*)::int from claimed) as claimed, (select pg_notify(${batchesChannel}, '') from accepted)`)
  return row?.claimed === 1
}

/** Its sum is kept, so that what is counted never falls. */
const sumOfOld = 'old'

/** Claims of takers that were never heard of again: one row in place of many. */
export async function foldClaimsBefore(db: Database, before: Date): Promise<void> {
  await db.execute(sql`
    with old as (
      delete from ${takenClaims}
      where taker <> ${sumOfOld} and accepted_at < ${before.toISOString()}::timestamptz
      returning taken, rejected, accepted_at
    )
    insert into ${takenClaims} as sums (taker, last, taken, rejected, accepted_at)
    select ${sumOfOld}, 0, sum(taken), sum(rejected), max(accepted_at) from old having count(*) > 0
    on conflict (taker) do update set
      taken = sums.taken + excluded.taken, rejected = sums.rejected + excluded.rejected`)
}

export async function countTakenEvents(
  db: Database,
): Promise<Readonly<Record<'taken' | 'rejected', number>>> {
  const [row] = await db
    .select({
      taken: sql<string>`coalesce(sum(${takenClaims.taken}), 0)`,
      rejected: sql<string>`coalesce(sum(${takenClaims.rejected}), 0)`,
    })
    .from(takenClaims)
  return { taken: Number(row?.taken ?? 0), rejected: Number(row?.rejected ?? 0) }
}

type ReaderState = (typeof listReaders.$inferSelect)['state']

/** By the clock of the database, which all processes share. */
export async function noteReader(db: Database, id: string, state: ReaderState): Promise<void> {
  const seenAt = sql`now()`
  await db
    .insert(listReaders)
    .values({ id, state, seenAt })
    .onConflictDoUpdate({ target: listReaders.id, set: { state, seenAt } })
}

export async function forgetReader(db: Database, id: string): Promise<void> {
  await db.delete(listReaders).where(sql`${listReaders.id} = ${id}`)
}

/** Of those that ended without a word. */
export async function forgetLostReaders(db: Database): Promise<void> {
  await db.delete(listReaders).where(lt(listReaders.seenAt, sql`now() - interval '1 hour'`))
}

/** Readers speak every ten seconds; who was not heard for a minute does not count. */
export async function countReaders(db: Database): Promise<Readonly<Record<ReaderState, number>>> {
  const rows = await db
    .select({ state: listReaders.state, readers: sql<number>`count(*)::int` })
    .from(listReaders)
    .where(sql`${listReaders.seenAt} > now() - interval '1 minute'`)
    .groupBy(listReaders.state)
  const counted = (state: ReaderState) => rows.find((row) => row.state === state)?.readers ?? 0
  return { taking: counted('taking'), cut_off: counted('cut_off') }
}
