import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { ListenerMedium } from '#engine/route/media.ts'
import type { RouteOutcome } from '#engine/route/route.ts'
import type { Routing } from '#engine/route/routing.ts'
import type { CheckNotification } from './decide-notification.ts'
import { type Ledger, ledgerPage } from './ledger.ts'
import { heldUntil, startInterval } from './pace.ts'
import { type CheckLookUp, rollUp, type Summary } from './rollup.ts'

/** What becomes of a notification for one contact, or for one medium of theirs, and why. */
export type AlertOutcome = MediumAlert | HeldAlert | Extract<RouteOutcome, { kind: 'unheard' }>

export interface MediumAlert {
  readonly kind: 'told'
  readonly contactId: string
  readonly medium: string
  readonly address: string
  /** The rules it owes this to. */
  readonly ruleIds: readonly string[]
  readonly notification: CheckNotification
  /** null = this check alone is told. */
  readonly summary: Summary | null
  /** Not before then is the same state of this check told again here. */
  readonly nextAt: EpochSeconds
}

interface HeldAlert {
  readonly kind: 'held'
  readonly contactId: string
  readonly medium: string
  readonly ruleIds: readonly string[]
  /** `interval`: the same was told shortly before; `summary`: many are failing, and the last summary is still fresh. */
  readonly because: 'interval' | 'summary'
  readonly until: EpochSeconds
}

export interface AlertQuestion {
  readonly notification: CheckNotification
  /** Whom it leads to, at this moment. */
  readonly routed: readonly RouteOutcome[]
  readonly routing: Pick<Routing, 'links'>
  /** Written to: what is told now holds back what comes next. */
  readonly ledger: Ledger
  readonly checkOf: CheckLookUp
  readonly now: EpochSeconds
}

/** Who hears of it, on what. All is decided before any interval starts, so a contact met twice is treated alike. */
export function decideAlerts(question: AlertQuestion): AlertOutcome[] {
  const { notification, routed, ledger } = question
  const outcomes = routed.flatMap((outcome): AlertOutcome[] =>
    outcome.kind === 'unheard'
      ? [outcome]
      : outcome.media.map((medium) => decideMedium(question, outcome, medium)),
  )
  for (const outcome of outcomes) {
    if (outcome.kind === 'told')
      startInterval(ledgerPage(ledger, outcome.contactId, outcome.medium), notification, outcome.nextAt)
  }
  return outcomes
}

function decideMedium(
  { notification, ledger, routing, checkOf, now }: AlertQuestion,
  { contactId, ruleIds }: Extract<RouteOutcome, { kind: 'routed' }>,
  medium: ListenerMedium,
): AlertOutcome {
  const page = ledgerPage(ledger, contactId, medium.name)
  const held = heldUntil(page, notification, now)
  if (held !== undefined)
    return { kind: 'held', contactId, medium: medium.name, ruleIds, because: 'interval', until: held }
  const rollup = rollUp({
    notification,
    contactId,
    medium,
    page,
    world: { checkOf, links: routing.links },
    now,
  })
  if (rollup.kind === 'swallowed') {
    return { kind: 'held', contactId, medium: medium.name, ruleIds, because: 'summary', until: rollup.until }
  }
  const summary = rollup.kind === 'summary' ? rollup.summary : null
  const nextAt = now + medium.intervalSeconds
  return {
    kind: 'told',
    contactId,
    medium: medium.name,
    address: medium.address,
    ruleIds,
    notification,
    summary,
    nextAt,
  }
}
