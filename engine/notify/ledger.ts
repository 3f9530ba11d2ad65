import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { FailingState } from './severity.ts'

export type HeldState = FailingState | 'test_notifications'

/** What one medium of one contact was told about one check. Nothing held and not alerting = the row can go. */
export interface ToldRow {
  readonly contactId: string
  readonly medium: string
  readonly checkKey: string
  /** Alerts of this state are dropped until then. */
  readonly heldUntil: Readonly<Partial<Record<HeldState, EpochSeconds>>>
  /** Counts towards the summary. */
  readonly isAlerting: boolean
}

/** After a summary went out, nothing else does until then. */
export interface SummaryRow {
  readonly contactId: string
  readonly medium: string
  readonly summaryUntil: EpochSeconds | null
}

export interface LedgerRows {
  readonly told: readonly ToldRow[]
  readonly summaries: readonly SummaryRow[]
}

/** The rows of one batch, opened for writing: decisions write into it, and what they changed is stored at the end. */
export interface Ledger {
  readonly pages: Map<string, Map<string, LedgerPage>>
}

/** All that is known of one medium of one contact. */
export interface LedgerPage {
  readonly heldUntil: Map<string, Readonly<Partial<Record<HeldState, EpochSeconds>>>>
  readonly alerting: Set<string>
  summaryUntil: EpochSeconds | null
  readonly changedChecks: Set<string>
  isSummaryChanged: boolean
}

export function openLedger(rows: LedgerRows): Ledger {
  const ledger: Ledger = { pages: new Map() }
  for (const row of rows.told) {
    const page = ledgerPage(ledger, row.contactId, row.medium)
    page.heldUntil.set(row.checkKey, row.heldUntil)
    if (row.isAlerting) page.alerting.add(row.checkKey)
  }
  for (const row of rows.summaries)
    ledgerPage(ledger, row.contactId, row.medium).summaryUntil = row.summaryUntil
  return ledger
}

export function ledgerPage({ pages }: Ledger, contactId: string, medium: string): LedgerPage {
  const known = pages.get(contactId)?.get(medium)
  if (known) return known
  const fresh: LedgerPage = {
    heldUntil: new Map(),
    alerting: new Set(),
    summaryUntil: null,
    changedChecks: new Set(),
    isSummaryChanged: false,
  }
  pages.set(contactId, (pages.get(contactId) ?? new Map<string, LedgerPage>()).set(medium, fresh))
  return fresh
}

/** The rows that changed since the ledger was opened, as they have to be stored. */
export function changedRows({ pages }: Ledger): LedgerRows {
  const told: ToldRow[] = []
  const summaries: SummaryRow[] = []
  for (const [contactId, media] of pages) {
    for (const [medium, page] of media) {
      for (const checkKey of page.changedChecks) {
        const heldUntil = page.heldUntil.get(checkKey) ?? {}
        told.push({ contactId, medium, checkKey, heldUntil, isAlerting: page.alerting.has(checkKey) })
      }
      if (page.isSummaryChanged) summaries.push({ contactId, medium, summaryUntil: page.summaryUntil })
    }
  }
  return { told, summaries }
}

export function setAlerting(page: LedgerPage, checkKey: string, isAlerting: boolean): void {
  if (page.alerting.has(checkKey) === isAlerting) return
  if (isAlerting) page.alerting.add(checkKey)
  else page.alerting.delete(checkKey)
  page.changedChecks.add(checkKey)
}

export function setSummaryUntil(page: LedgerPage, until: EpochSeconds | null): void {
  if (page.summaryUntil === until) return
  page.summaryUntil = until
  page.isSummaryChanged = true
}

export function setHeldUntil(
  page: LedgerPage,
  checkKey: string,
  heldUntil: Readonly<Partial<Record<HeldState, EpochSeconds>>>,
): void {
  page.heldUntil.set(checkKey, heldUntil)
  page.changedChecks.add(checkKey)
}
