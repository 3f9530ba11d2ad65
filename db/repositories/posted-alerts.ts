import { and, asc, eq, getTableColumns, gt, inArray, lt, lte, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { fewOf, insertion, textArray, textLiteral } from '#db/record-set.ts'
import { hole, selection, statement } from '#db/statement.ts'
import { checks } from '#db/schema/alerts.ts'
import { postedAlerts } from '#db/schema/intake.ts'
import type { PostedAlert } from '#engine/posted-alert.ts'

type Row = typeof postedAlerts.$inferSelect

export interface KeptAlert {
  readonly alert: PostedAlert
  readonly checkKey: string
  readonly over: boolean
}

/** By fingerprint. */
export async function findPostedAlerts(
  db: Database,
  environment: string,
  fingerprints: readonly string[],
): Promise<Map<string, PostedAlert>> {
  const rows = await findPosted.run(db, {
    environment,
    fingerprints: textLiteral(fingerprints),
    rows: fingerprints.length,
  })
  return new Map(rows.map((row) => [row.fingerprint, toPosted(row)]))
}

const postedRow = selection(getTableColumns(postedAlerts))
const wantedAlerts = fewOf(sql`unnest(${hole('fingerprints')}::text[]) as wanted (fingerprint)`, 'wanted')
// Looked up one by one: before the table is counted, reading all of an environment seems as good.
const findPosted = statement(
  sql`
    select ${postedRow.columns} from ${wantedAlerts} cross join lateral (
      select * from ${postedAlerts}
      where environment = ${hole('environment')} and fingerprint = wanted.fingerprint limit 1
    ) as ${postedAlerts}`,
  postedRow,
)

/** One statement for all of them, whatever their number. */
export async function savePostedAlerts(
  db: Database,
  environment: string,
  kept: readonly KeptAlert[],
): Promise<void> {
  await keepPosted(
    db,
    kept.map(({ alert, checkKey, over }) => ({ ...alert, environment, checkKey, over })),
  )
}

const keepPosted = insertion(
  postedAlerts,
  sql`on conflict (environment, fingerprint) do update set
    annotations = excluded.annotations, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    ends_by_timeout = excluded.ends_by_timeout, updated_at = excluded.updated_at,
    generator_url = excluded.generator_url, over = excluded.over`,
)

/** A posted alert with what tells this version of its row from every other. */
export interface VersionedAlert {
  readonly alert: PostedAlert
  readonly version: string
}

const version = sql<string>`posted_alerts.xmin || ' ' || posted_alerts.ctid`

interface OpenVersion extends Record<string, unknown> {
  readonly fingerprint: string
  readonly version: string
}

/** Those not yet ended, in the order of their fingerprints. */
export function listOpenVersions(db: Database, environment: string, now: Date): Promise<OpenVersion[]> {
  // By the thousand: as the driver gives them.
  return db.execute<OpenVersion>(sql`
    select fingerprint, ${version} as version from ${postedAlerts}
    where environment = ${environment} and ends_at > ${now.toISOString()}::timestamptz order by fingerprint`)
}

/** By fingerprint. */
export async function findVersions(
  db: Database,
  environment: string,
  fingerprints: readonly string[],
): Promise<Map<string, VersionedAlert>> {
  if (fingerprints.length === 0) return new Map()
  const rows = await db
    .select({ ...getTableColumns(postedAlerts), version })
    .from(postedAlerts)
    .innerJoin(
      sql`unnest(${textArray(fingerprints)}) as wanted (fingerprint)`,
      sql`wanted.fingerprint = ${postedAlerts.fingerprint}`,
    )
    .where(eq(postedAlerts.environment, environment))
  return new Map(
    rows.map(({ version: its, ...row }) => [row.fingerprint, { alert: toPosted(row), version: its }]),
  )
}

/** Some of the posted alerts: those whose fingerprints come after one, at most so many. */
export interface PostedPage {
  readonly after: string
  readonly limit: number
}

/** Those not yet ended, in the order of their fingerprints. */
export async function listPageOfAlerts(
  db: Database,
  environment: string,
  { now, page }: { now: Date; page: PostedPage },
): Promise<PostedAlert[]> {
  const rows = await db
    .select()
    .from(postedAlerts)
    .where(
      and(
        eq(postedAlerts.environment, environment),
        gt(postedAlerts.endsAt, now),
        gt(postedAlerts.fingerprint, page.after),
      ),
    )
    .orderBy(asc(postedAlerts.fingerprint))
    .limit(page.limit)
  return rows.map(toPosted)
}

/** The checks by which posted alerts are judged, by their keys. Those not judged yet have none. */
export async function listCheckIds(
  db: Database,
  environment: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .select({ key: checks.key, id: checks.id })
    .from(checks)
    .innerJoin(sql`unnest(${textArray(keys)}) as wanted (key)`, sql`wanted.key = ${checks.key}`)
    .where(eq(checks.environment, environment))
  return new Map(rows.map(({ key, id }) => [key, id]))
}

/** Which of these checks are judged by posted alerts. */
export async function listPostedKeys(db: Database, checkKeys: readonly string[]): Promise<Set<string>> {
  const wanted = sql`(select jsonb_array_elements_text(${JSON.stringify(checkKeys)}::jsonb))`
  const rows = await db
    .selectDistinct({ key: postedAlerts.checkKey })
    .from(postedAlerts)
    .where(inArray(postedAlerts.checkKey, wanted))
  return new Set(rows.map(({ key }) => key))
}

/** Ended without being posted again, and nobody has been told. */
export async function listOverdueAlerts(
  db: Database,
  now: Date,
  limit: number,
): Promise<{ environment: string; alert: PostedAlert }[]> {
  const rows = await db
    .select()
    .from(postedAlerts)
    .where(and(sql`not over`, lte(postedAlerts.endsAt, now)))
    .orderBy(asc(postedAlerts.endsAt), asc(postedAlerts.fingerprint))
    .limit(limit)
  return rows.map((row) => ({ environment: row.environment, alert: toPosted(row) }))
}

export async function markOver(
  db: Database,
  environment: string,
  fingerprints: readonly string[],
): Promise<void> {
  if (fingerprints.length === 0) return
  await db
    .update(postedAlerts)
    .set({ over: true })
    .where(
      and(eq(postedAlerts.environment, environment), inArray(postedAlerts.fingerprint, [...fingerprints])),
    )
}

/** What ended long ago is merged with nothing any more. */
export async function forgetPostedAlerts(db: Database, endedBefore: Date): Promise<void> {
  await db.delete(postedAlerts).where(and(eq(postedAlerts.over, true), lt(postedAlerts.endsAt, endedBefore)))
}

function toPosted({ environment: _in, checkKey: _key, over: _over, ...alert }: Row): PostedAlert {
  return alert
}
