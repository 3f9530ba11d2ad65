import { asc, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { batches } from '#db/schema/intake.ts'
import { heardSignatures } from '#db/schema/signed-doors.ts'
import { type Batch, reviveBatch } from '#engine/intake/batch.ts'

/** Told of every accepted batch; a hint only, the sweeper finds what nobody heard of. */
export const batchesChannel = 'tocsin_batches'

export type AcceptedBatch = Batch & {
  readonly id: number
  readonly environment: string
  readonly receivedAt: Date
}

export interface BatchArrival {
  readonly environment: string
  readonly receivedAt: Date
  /** What tells this request of a signed door from every other; one that came before is left out. */
  readonly once?: { readonly door: string; readonly mark: string }
}

/** One statement, so that one round trip makes it durable and known: once this returns, a crash loses nothing of it. */
export async function acceptBatch(db: Database, batch: Batch, arrival: BatchArrival): Promise<void> {
  const { source, items } = batch
  const receivedAt = sql`${arrival.receivedAt.toISOString()}::timestamptz`
  const row = sql`${arrival.environment}, ${source}, ${JSON.stringify(items)}::json, ${items.length}::int, ${receivedAt}`
  const { once } = arrival
  const isFirst =
    once &&
    sql`first as (
      insert into ${heardSignatures} (door, mark, heard_at) values (${once.door}, ${once.mark}, ${receivedAt})
      on conflict do nothing returning mark
    ),`
  await db.execute(sql`
    with ${isFirst ?? sql``} accepted as (
      insert into ${batches} (environment, source, items, size, received_at)
      ${once ? sql`select ${row} from first` : sql`values (${row})`}
      returning id
    )
    select pg_notify(${batchesChannel}, '') from accepted`)
}

/** Until the transaction ends nobody else decides batches: their order is the order in which they were accepted. */
export async function holdIntake(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('tocsin-intake', 0))`)
}

/** Whether somebody is deciding batches at this moment. */
export async function isIntakeHeld(db: Database): Promise<boolean> {
  const [row] = await db.execute<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended('tocsin-intake', 0)) as free`,
  )
  return !row?.free
}

const mostBatches = 1000

/** The oldest batches that together hold about so many items; always at least one, however large. */
export async function listOldestBatches(tx: Database, items: number): Promise<AcceptedBatch[]> {
  const oldest = tx
    .select({
      id: batches.id,
      before: sql<number>`sum(${batches.size}) over (order by ${batches.id}) - ${batches.size}`.as('before'),
    })
    .from(batches)
    .where(isNull(batches.problem))
    .orderBy(asc(batches.id))
    .limit(mostBatches)
    .as('oldest')
  const rows = await tx
    .select({ batch: batches })
    .from(batches)
    .innerJoin(oldest, eq(oldest.id, batches.id))
    .where(sql`${oldest.before} < ${items}`)
    .orderBy(asc(batches.id))
  return rows.map(({ batch }) => toBatch(batch))
}

/** What is still to be decided, for whoever wants to show it already. */
export async function listWaitingBatches(
  db: Database,
  environment: string,
  source: Batch['source'],
): Promise<AcceptedBatch[]> {
  const rows = await db
    .select()
    .from(batches)
    .where(sql`${batches.environment} = ${environment} and ${batches.source} = ${source} and problem is null`)
    .orderBy(asc(batches.id))
  return rows.map(toBatch)
}

export async function removeBatches(tx: Database, ids: readonly number[]): Promise<void> {
  await tx.delete(batches).where(sql`${batches.id} in (select unnest(${textArray(ids.map(String))})::bigint)`)
}

export async function setBatchAside(db: Database, id: number, problem: string): Promise<void> {
  await db.update(batches).set({ problem }).where(eq(batches.id, id))
}

export async function countWaitingBatches(db: Database): Promise<number> {
  return db.$count(batches, isNull(batches.problem))
}

/** Accepted and not decided yet. */
export async function countWaitingEvents(db: Database): Promise<number> {
  const [row] = await db
    .select({ events: sql<number>`coalesce(sum(${batches.size}), 0)::int` })
    .from(batches)
    .where(isNull(batches.problem))
  return row?.events ?? 0
}

function toBatch({ id, environment, receivedAt, ...batch }: typeof batches.$inferSelect): AcceptedBatch {
  return {
    ...reviveBatch({ source: batch.source, items: batch.items } as Batch),
    id,
    environment,
    receivedAt,
  }
}
