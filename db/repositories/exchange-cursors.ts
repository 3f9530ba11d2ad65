import { asc, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet, textArray, textRecords } from '#db/record-set.ts'
import { exchangeCursors, seenExchanges } from '#db/schema/exchanges.ts'
import type { ExchangeCursor } from '#engine/exchange/cursor.ts'

export function listCursors(db: Database, ruleIds: readonly string[]): Promise<ExchangeCursor[]> {
  return db.select().from(exchangeCursors).where(isOneOf(ruleIds))
}

/** Those that others have made meanwhile stay as they are. */
export async function insertCursors(db: Database, fresh: readonly ExchangeCursor[]): Promise<void> {
  if (fresh.length === 0) return
  await db.insert(exchangeCursors).select(recordSet(exchangeCursors, fresh)).onConflictDoNothing()
}

/** Until the transaction ends nobody else reads on for these rules; in one order, so that nobody waits in a circle. */
export function lockCursors(tx: Database, ruleIds: readonly string[]): Promise<ExchangeCursor[]> {
  return tx
    .select()
    .from(exchangeCursors)
    .where(isOneOf(ruleIds))
    .orderBy(asc(exchangeCursors.ruleId))
    .for('no key update')
}

/** Locked ones, as they are now. */
export async function saveCursors(tx: Database, cursors: readonly ExchangeCursor[]): Promise<void> {
  if (cursors.length === 0) return
  const { ruleId: _key, ...columns } = exchangeCursors
  const changing = Object.keys(columns).filter((name) => name in (cursors[0] ?? {}))
  const set = Object.fromEntries(
    changing.map((name) => [
      name,
      sql`excluded.${sql.identifier(exchangeCursors[name as keyof ExchangeCursor].name)}`,
    ]),
  )
  await tx
    .insert(exchangeCursors)
    .select(recordSet(exchangeCursors, cursors))
    .onConflictDoUpdate({ target: exchangeCursors.ruleId, set })
}

interface Reading {
  readonly backlog: number
  readonly dropped: number
  /** How far the rule that is furthest behind has read; null where nothing waits. */
  readonly behindSince: Date | null
}

/** Of all rules that tell of every single exchange, together. */
export async function measureReading(db: Database): Promise<Reading> {
  const { backlog, dropped, sweptAt, readTo } = exchangeCursors
  const [row] = await db
    .select({
      backlog: sql<number>`coalesce(sum(${backlog}), 0)`.mapWith(Number),
      dropped: sql<number>`coalesce(sum(${dropped}), 0)`.mapWith(Number),
      behindSince:
        sql<Date | null>`min(coalesce(${sweptAt}, ${readTo})) filter (where ${backlog} > 0)`.mapWith(readTo),
    })
    .from(exchangeCursors)
  return row ?? { backlog: 0, dropped: 0, behindSince: null }
}

type SeenExchange = typeof seenExchanges.$inferSelect

/** Answers with those that were never seen before: whatever workers race, each is new once. */
export async function recordSeen(tx: Database, met: readonly SeenExchange[]): Promise<SeenExchange[]> {
  if (met.length === 0) return []
  return tx.insert(seenExchanges).select(recordSet(seenExchanges, met)).onConflictDoNothing().returning()
}

/** Of each rule what no report can repeat any more. */
export async function forgetSeen(
  tx: Database,
  cursors: readonly Pick<ExchangeCursor, 'ruleId' | 'keptFrom'>[],
): Promise<void> {
  if (cursors.length === 0) return
  const kept = cursors.map(({ ruleId, keptFrom }) => ({ ruleId, keptFrom: keptFrom.toISOString() }))
  await tx.execute(sql`
    delete from ${seenExchanges} using ${textRecords('kept', ['ruleId', 'keptFrom'], kept)}
    where ${seenExchanges.ruleId} = kept."ruleId"::uuid and ${seenExchanges.day} < kept."keptFrom"::timestamptz`)
}

function isOneOf(ruleIds: readonly string[]): SQL {
  return sql`${exchangeCursors.ruleId} = any(${textArray(ruleIds)}::uuid[])`
}
