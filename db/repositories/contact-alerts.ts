import { sql } from 'drizzle-orm'
import { allDone } from '#db/all-done.ts'
import type { Database } from '#db/client.ts'
import type { Moment } from '#engine/advance/batch.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { decideAlerts } from '#engine/notify/decide-alerts.ts'
import { changedRows, openLedger } from '#engine/notify/ledger.ts'
import type { KnownCheck } from '#engine/notify/rollup.ts'
import { route, type RouteOutcome } from '#engine/route/route.ts'
import type { Routing, RoutingSettings } from '#engine/route/routing.ts'
import { resolveTargets } from '#engine/route/targets.ts'
import { loadStandings } from './checks.ts'
import { type DecidedForContact, queueForContacts, type Storyline } from './contact-notifications.ts'
import { type LedgerQuery, loadLedger, saveLedger } from './ledger.ts'
import type { Queued } from './notifications.ts'
import { loadRouting } from './routing.ts'
import { listRuleTargets } from './rule-targets.ts'

interface Telling {
  readonly now: Date
  readonly settings: RoutingSettings
}

/** Keeps what was decided, and queues it. The ids are to be announced once the transaction is through. */
export type SaveTold = (story: Storyline) => Promise<readonly Queued[]>

const nothingToSave: SaveTold = () => Promise.resolve([])

/**
 * Decides for all moments, in their order, which contacts hear on which medium. To be called before the changed checks
 * are saved: what it loads of other checks is how they stood before. What it answers keeps the decisions.
 */
export async function decideForContacts(
  db: Database,
  moments: readonly Moment[],
  telling: Telling,
): Promise<SaveTold> {
  if (!moments.some(isTold)) return nothingToSave
  const routing = await loadRouting(db, telling.settings)
  if (routing.listeners.size === 0) return nothingToSave
  // One at a time: what one decision tells holds back the next, whoever makes it.
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended('contacts', 2))`)
  const saves: SaveTold[] = []
  for (const [environment, some] of Map.groupBy(moments, ({ check }) => check.environment)) {
    saves.push(await tellIn({ db, environment, routing, now: telling.now }, some))
  }
  return async (story) => (await allDone(saves.map((save) => save(story)))).flat()
}

function isTold({ verdict }: Moment): boolean {
  return verdict.notification !== null
}

interface Place {
  readonly db: Database
  readonly environment: string
  readonly routing: Routing
  readonly now: Date
}

async function tellIn(
  { db, environment, routing, now }: Place,
  moments: readonly Moment[],
): Promise<SaveTold> {
  const seconds = epochSeconds(now)
  const told = moments.filter(isTold)
  const targets = await listRuleTargets(db, told.map(ruleOf))
  const namedBy = (ruleId: string | null) => {
    const named = targets.get(ruleId ?? '')
    return named ? { named: resolveTargets(named, routing.crowds) } : {}
  }
  const routed = new Map<Moment, readonly RouteOutcome[]>()
  for (const moment of told) {
    const { notification } = moment.verdict
    if (!notification) continue
    const subject = { ...notification, ...namedBy(ruleOf(moment)) }
    routed.set(moment, route(routing, subject, notification.severity, seconds))
  }
  const queries = [...routed].flatMap(([{ check }, outcomes]) => ledgerQueries(check.key, outcomes))
  if (queries.length === 0) return nothingToSave
  const rows = await loadLedger(db, environment, queries)
  const alerting = new Set(rows.told.filter((row) => row.isAlerting).map((row) => row.checkKey))
  const standings = await loadStandings(db, environment, [...alerting])
  const others = await listRuleTargets(
    db,
    standings.map(([, { ruleId }]) => ruleId),
  )
  const checks = new Map<string, KnownCheck>(
    standings.map(([key, { ruleId, ...known }]) => {
      const named = others.get(ruleId ?? '')
      return [key, named ? { ...known, named: resolveTargets(named, routing.crowds) } : known]
    }),
  )
  const ledger = openLedger(rows)
  const decided: DecidedForContact[] = []
  for (const moment of moments) {
    const { check, verdict, alert } = moment
    const entity = check.entity.toLowerCase()
    checks.set(check.key, { entity, memory: check.memory, ...namedBy(ruleOf(moment)) })
    if (!verdict.notification) continue
    const outcomes = decideAlerts({
      notification: verdict.notification,
      routed: routed.get(moment) ?? [],
      routing,
      ledger,
      checkOf: (key) => checks.get(key),
      now: seconds,
    })
    for (const outcome of outcomes) if (outcome.kind === 'told') decided.push({ told: outcome, alert })
  }
  return async (story) => {
    const [, queued] = await allDone([
      saveLedger(db, environment, changedRows(ledger)),
      queueForContacts(db, decided, { ...story, environment, now }),
    ])
    return queued
  }
}

/** The rule of an alert may be another one than that which made the check. */
function ruleOf({ alert, check }: Moment): string | null {
  return alert?.ruleId ?? check.ruleId
}

function ledgerQueries(checkKey: string, routed: readonly RouteOutcome[]): LedgerQuery[] {
  return routed.flatMap((outcome) =>
    outcome.kind === 'unheard'
      ? []
      : outcome.media.map(({ name, rollupThreshold }) => ({
          contactId: outcome.contactId,
          medium: name,
          checkKey,
          canSummarise: rollupThreshold !== null,
        })),
  )
}
