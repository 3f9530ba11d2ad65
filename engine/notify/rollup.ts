import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState } from '#engine/event.ts'
import { isLinked, type LinkTable } from '#engine/route/contacts.ts'
import type { Named } from '#engine/route/targets.ts'
import type { ListenerMedium } from '#engine/route/media.ts'
import { isInUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import type { CheckMemory } from '#engine/suppress/check-memory.ts'
import { isInScheduledMaintenance } from '#engine/suppress/maintenance.ts'
import type { CheckNotification } from './decide-notification.ts'
import { type LedgerPage, setAlerting, setSummaryUntil } from './ledger.ts'

/** Many failing checks are told one contact on one medium as one summary. */
export type Rollup =
  | { readonly kind: 'plain' }
  | { readonly kind: 'summary'; readonly summary: Summary }
  | { readonly kind: 'swallowed'; readonly until: EpochSeconds }

export interface Summary {
  /** `problem`: there are too many to tell one by one; `recovery`: there no longer are. */
  readonly type: 'problem' | 'recovery'
  readonly threshold: number
  readonly checks: readonly SummarisedCheck[]
}

interface SummarisedCheck {
  readonly checkKey: string
  readonly state: CheckState | null
  readonly stateDurationSeconds: number | null
  readonly summary: string | null
}

export interface KnownCheck {
  readonly entity: string
  readonly memory: CheckMemory
  /** Whom the rule behind it names. */
  readonly named?: Named
}

/** undefined: there is no such check (any more). */
export type CheckLookUp = (checkKey: string) => KnownCheck | undefined

/** Where the other checks stand at this moment. */
interface CheckWorld {
  readonly checkOf: CheckLookUp
  readonly links: LinkTable
}

export interface RollupQuestion {
  readonly notification: CheckNotification
  readonly contactId: string
  readonly medium: ListenerMedium
  readonly page: LedgerPage
  readonly world: CheckWorld
  readonly now: EpochSeconds
}

const plain: Rollup = { kind: 'plain' }

/**
 * Counts the checks alerting on this medium. From the threshold on, one summary an interval goes out and nothing else,
 * recoveries, acknowledgements and tests included (`rol-test-during-rollup`). The first alert below the threshold says so.
 */
export function rollUp(question: RollupQuestion): Rollup {
  const { notification, medium, page, now } = question
  const threshold = medium.rollupThreshold
  if (threshold === null) return plain
  if (notification.type === 'problem') setAlerting(page, notification.checkKey, true)
  const sizeBefore = page.alerting.size
  const quietUntil = page.summaryUntil !== null && now < page.summaryUntil ? page.summaryUntil : null
  const enough = expunge(question, quietUntil === null ? Infinity : threshold)
  if (quietUntil !== null && enough) return { kind: 'swallowed', until: quietUntil }
  if (page.alerting.size >= threshold) {
    setSummaryUntil(page, notification.type === 'recovery' ? null : now + medium.intervalSeconds)
    return { kind: 'summary', summary: summarise('problem', threshold, question) }
  }
  if (sizeBefore < threshold) return plain
  setSummaryUntil(page, null)
  return { kind: 'summary', summary: summarise('recovery', threshold, question) }
}

/**
 * Drops what no longer counts. In a storm thousands of checks are alerting, and while nothing is sent it is enough to
 * know that there are still `enough` of them: it stops there and says true.
 */
function expunge(question: RollupQuestion, enough: number): boolean {
  let counting = 0
  for (const checkKey of question.page.alerting) {
    if (!isCounting(checkKey, question)) setAlerting(question.page, checkKey, false)
    else if (++counting >= enough) return true
  }
  return false
}

function isCounting(checkKey: string, { world, contactId, now }: RollupQuestion): boolean {
  const known = world.checkOf(checkKey)
  if (known === undefined) return false
  const { entity, memory, named } = known
  return (
    memory.isEnabled &&
    memory.lastChange?.state !== 'ok' &&
    !isInUnscheduledMaintenance(memory, now) &&
    !isInScheduledMaintenance(memory, now) &&
    (named?.has(contactId) === true || isLinked(world.links, contactId, { checkKey, entity }))
  )
}

function summarise(type: Summary['type'], threshold: number, { page, world, now }: RollupQuestion): Summary {
  const checks = [...page.alerting].map((checkKey) => {
    const memory = world.checkOf(checkKey)?.memory
    const lastChange = memory?.lastChange ?? null
    return {
      checkKey,
      state: lastChange?.state ?? null,
      stateDurationSeconds: lastChange && now - lastChange.at,
      summary: memory?.summary ?? null,
    }
  })
  return { type, threshold, checks }
}
