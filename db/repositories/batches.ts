import { asc, eq, getTableColumns, isNull, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { fewOf, textLiteral } from '#db/record-set.ts'
import { hole, selection, statement } from '#db/statement.ts'
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
  const { once, receivedAt, environment } = arrival
  const row = {
    environment,
    source,
    items: JSON.stringify(items),
    size: items.length,
    receivedAt: receivedAt.toISOString(),
  }
  await (once ? keepFirst.run(db, { ...row, ...once }) : keepBatch.run(db, row))
}

const row = sql`
  ${hole('environment')}::text, ${hole('source')}::text, ${hole('items')}::text::json, ${hole('size')}::int,
  ${hole('receivedAt')}::timestamptz`
const keepBatch = statement(sql`with ${accepted(sql`values (${row})`)}`)
const keepFirst = statement(sql`
  with first as (
    insert into ${heardSignatures} (door, mark, heard_at)
    values (${hole('door')}, ${hole('mark')}, ${hole('receivedAt')}::timestamptz)
    on conflict do nothing returning mark
  ), ${accepted(sql`select ${row} from first`)}`)

function accepted(rows: SQL): SQL {
  return sql`accepted as (
    insert into ${batches} (environment, source, items, size, received_at) ${rows} returning id
  )
  select pg_notify(${sql.raw(`'${batchesChannel}'`)}, '') from accepted`
}

/** Until the transaction ends nobody else decides batches: their order is the order in which they were accepted. */
export async function holdIntake(tx: Database): Promise<void> {
  await lockIntake.run(tx)
}

const lockIntake = statement(sql`select pg_advisory_xact_lock(hashtextextended('tocsin-intake', 0))`)

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
  return (await listOldest.run(tx, { items })).map(toBatch)
}

const batchRow = selection(getTableColumns(batches))
const listOldest = statement(
  sql`
    select ${batchRow.columns} from ${batches} join (
      select id, sum(size) over (order by id) - size as before from ${batches}
      where problem is null order by id limit ${sql.raw(String(mostBatches))}
    ) as oldest on oldest.id = ${batches.id}
    where oldest.before < ${hole('items')}::int order by ${batches.id}`,
  batchRow,
)

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
  await removeSome.run(tx, { ids: textLiteral(ids.map(String)), rows: ids.length })
}

const removeSome = statement(sql`
  delete from ${batches} using ${fewOf(sql`unnest(${hole('ids')}::text[]) as decided (id)`, 'decided')}
  where ${batches.id} = decided.id::bigint`)

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
