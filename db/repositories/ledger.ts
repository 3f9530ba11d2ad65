import { eq, getTableColumns, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet, textRecords } from '#db/record-set.ts'
import { summaries, told } from '#db/schema/contact-alerts.ts'
import type { LedgerRows } from '#engine/notify/ledger.ts'

/** A medium of a contact that may be told of a check; with a summary all that is alerting there counts. */
export interface LedgerQuery {
  readonly contactId: string
  readonly medium: string
  readonly checkKey: string
  readonly canSummarise: boolean
}

export async function loadLedger(
  db: Database,
  environment: string,
  queries: readonly LedgerQuery[],
): Promise<LedgerRows> {
  if (queries.length === 0) return { told: [], summaries: [] }
  const pages = pagesOf(queries)
  const asked = textRecords('asked', ['contactId', 'medium', 'checkKey'], once(queries))
  const page = textRecords('page', ['contactId', 'medium'], pages)
  const isAsked = sql`asked."contactId" = ${told.contactId} and asked.medium = ${told.medium} and asked."checkKey" = ${told.checkKey}`
  const isCounted = sql`${told.isAlerting} and page."contactId" = ${told.contactId} and page.medium = ${told.medium}`
  const isOnPage = sql`page."contactId" = ${summaries.contactId} and page.medium = ${summaries.medium}`
  const here = eq(told.environment, environment)
  // Joins one after the other: with `or` between them the whole table would be read.
  const toldHere = db.select(getTableColumns(told)).from(told).innerJoin(asked, isAsked).where(here)
  if (pages.length === 0) return { told: await toldHere, summaries: [] }
  const [toldRows, countedRows, summaryRows] = await Promise.all([
    toldHere,
    db.select(getTableColumns(told)).from(told).innerJoin(page, isCounted).where(here),
    db
      .select(getTableColumns(summaries))
      .from(summaries)
      .innerJoin(page, isOnPage)
      .where(eq(summaries.environment, environment)),
  ])
  return { told: [...toldRows, ...countedRows], summaries: summaryRows }
}

function once(queries: readonly LedgerQuery[]): LedgerQuery[] {
  const keyed = queries.map(
    (query) => [`${query.contactId}\n${query.medium}\n${query.checkKey}`, query] as const,
  )
  return [...new Map(keyed).values()]
}

function pagesOf(queries: readonly LedgerQuery[]): Pick<LedgerQuery, 'contactId' | 'medium'>[] {
  const summarising = queries.filter(({ canSummarise }) => canSummarise)
  const pages = summarising.map(
    ({ contactId, medium }) => [`${contactId}\n${medium}`, { contactId, medium }] as const,
  )
  return [...new Map(pages).values()]
}

export async function saveLedger(db: Database, environment: string, changed: LedgerRows): Promise<void> {
  if (changed.told.length > 0) {
    await db
      .insert(told)
      .select(
        recordSet(
          told,
          changed.told.map((row) => ({ ...row, environment })),
        ),
      )
      .onConflictDoUpdate({
        target: [told.contactId, told.medium, told.checkKey, told.environment],
        set: { heldUntil: sql`excluded.held_until`, isAlerting: sql`excluded.is_alerting` },
      })
  }
  if (changed.summaries.length > 0) {
    await db
      .insert(summaries)
      .select(
        recordSet(
          summaries,
          changed.summaries.map((row) => ({ ...row, environment })),
        ),
      )
      .onConflictDoUpdate({
        target: [summaries.contactId, summaries.medium, summaries.environment],
        set: { summaryUntil: sql`excluded.summary_until` },
      })
  }
}
