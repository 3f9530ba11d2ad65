import type { Database } from '#db/client.ts'
import { listConnections } from '#db/repositories/connections.ts'
import { listRuleConnections } from '#db/repositories/rule-bindings.ts'
import { findCheck, findCheckById, listOpenAlertsOf } from '#db/repositories/checks.ts'
import { listChats } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { listRuleTargets } from '#db/repositories/rule-targets.ts'
import { loadRouting } from '#db/repositories/routing.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import { loadSuppressions } from '#db/repositories/suppressions.ts'
import { NotFound } from '#db/errors.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { explainRoutes } from '#engine/dispatch/explain.ts'
import { routedAs, supposedLabels } from '#engine/dispatch/join.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { type CheckState, checkKey, severity as severityOf } from '#engine/event.ts'
import { eventTags } from '#engine/event-tags.ts'
import { worstAlert } from '#engine/incident/incident.ts'
import type { Labels } from '#engine/labels.ts'
import type { Line } from '#engine/message/message.ts'
import { type FailingState, worstFailing } from '#engine/notify/severity.ts'
import { explainRouting } from '#engine/route/explain.ts'
import { failingState } from '#engine/rule/observe.ts'
import { resolveTargets } from '#engine/route/targets.ts'
import type { Suppression } from '#engine/suppress/suppression.ts'
import type { Hearing } from '#engine/view/hearing.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

/** Something that may have happened, or not yet. */
export interface Supposed {
  readonly entity: string
  readonly check: string
  readonly labels: Labels
  /** Undefined: as bad as it is now; of what is well, what would happen were it critical. */
  readonly severity?: FailingState
}

/** Flapjack's own: a check that is not named is called `test`. */
export function readSubject(text: string): Pick<Supposed, 'entity' | 'check'> {
  const colon = text.indexOf(':')
  if (colon < 0) return { entity: text, check: 'test' }
  return { entity: text.slice(0, colon), check: text.slice(colon + 1) || 'test' }
}

/** Who hears of an alert by its number. */
export async function explainAlert(desk: Desk, number: number): Promise<Hearing> {
  const story = await findStoryByNumber(desk.db, number, desk.clock())
  if (!story) throw new NotFound(`alert #${number}`)
  const alert = worstAlert(story.incident)
  const check = await findCheckById(desk.db, alert.checkId)
  if (!check) throw new NotFound(`check behind alert #${number}`)
  return hearingOf(desk, { about: `#${number} ${alert.title}`, check, alert, named: check, said: {} })
}

/** Who would hear of something, whether it was ever seen or not. */
export async function explainSupposed(desk: Desk, supposed: Supposed): Promise<Hearing> {
  const key = checkKey(supposed)
  const check = await findCheck(desk.db, environment, key)
  const [alert] = check ? await listOpenAlertsOf(desk.db, [check.id]) : []
  const named = { entity: supposed.entity, name: supposed.check }
  const { labels, severity } = supposed
  return hearingOf(desk, { about: key, check, alert, named, said: { labels, ...(severity && { severity }) } })
}

interface Known {
  readonly about: string
  readonly check: Check | undefined
  readonly alert: Alert | undefined
  readonly named: Pick<Check, 'entity' | 'name'>
  readonly said: { readonly labels?: Labels; readonly severity?: FailingState }
}

async function hearingOf(desk: Desk, known: Known): Promise<Hearing> {
  const { db, settings } = desk
  const now = desk.clock()
  const { about, check, alert, named, said } = known
  const severity = said.severity ?? severityNow(check, alert)
  const ruleId = alert?.ruleId ?? check?.ruleId ?? null
  const [routing, tree, chats, ofRule, targets] = await Promise.all([
    loadRouting(db, settings.routing),
    loadRoutingTree(db, environment),
    listChats(db),
    listConnectionsOfRule(db, ruleId),
    listRuleTargets(db, [ruleId]),
  ])
  const labels = { ...alert?.labels, ...said.labels }
  const subject = {
    checkKey: check?.key ?? checkKey({ entity: named.entity, check: named.name }),
    entity: named.entity.toLowerCase(),
    named: resolveTargets(targets.get(ruleId ?? '') ?? [], routing.crowds),
    tags: eventTags({
      entity: named.entity,
      check: named.name,
      tags: Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    }),
  }
  const isAsItIs = alert !== undefined && check !== undefined && Object.keys(said).length === 0
  const matched = isAsItIs
    ? routedAs(alert, check).matched
    : supposedLabels({ ...named, labels, severity: severityOf(severity) })
  const routes = tree && explainRoutes(tree, matched, now)
  const told = chats.filter((chat) => !routes || routes.some((route) => isTold(chat, route.chats)))
  return {
    about,
    severity,
    isUnseen: !check,
    quiet: await quietOf(desk, check, alert),
    routes,
    ofRule,
    chats: {
      told: told.map(({ name }) => name),
      untold: chats.filter((chat) => !told.includes(chat)).map(({ name }) => name),
    },
    contacts: explainRouting(routing, subject, severity, epochSeconds(now)),
  }
}

async function listConnectionsOfRule(db: Database, ruleId: string | null): Promise<string[]> {
  if (ruleId === null) return []
  const named = (await listRuleConnections(db, [ruleId])).get(ruleId) ?? []
  return (await listConnections(db)).filter(({ id }) => named.includes(id)).map(({ name }) => name)
}

function isTold(
  { name, surface }: { name: string; surface: string },
  chats: 'all' | readonly string[],
): boolean {
  return chats === 'all' || chats.includes(name) || chats.includes(surface)
}

/** What is well is supposed to be as bad as its alert was, or else critical. */
function severityNow(check: Check | undefined, alert: Alert | undefined): FailingState {
  const state: CheckState = check?.memory.lastChange?.state ?? 'ok'
  if (state === 'ok') return alert ? failingState[alert.severity] : 'critical'
  return worstFailing(state, check?.memory.notified.worstSinceRecovery ?? null)
}

async function quietOf(desk: Desk, check: Check | undefined, alert: Alert | undefined): Promise<Line[]> {
  if (!check) return []
  const now = desk.clock()
  const seconds = epochSeconds(now)
  const window = check.memory.scheduled.find(
    ({ startsAt, endsAt }) => startsAt <= seconds && seconds < endsAt,
  )
  const suppression = alert && (await loadSuppressions(desk.db, [alert], now)).get(alert.id)
  return [
    ...(window ? [['In maintenance until ', date(new Date(window.endsAt * 1000)), '.']] : []),
    ...(suppression ? [quiet(suppression)] : []),
    ...(alert?.acknowledgedAt ? [['Acknowledged: reminders have stopped.']] : []),
  ]
}

function quiet(suppression: Suppression): Line {
  if (suppression.kind === 'silence') return ['The chats are silenced until ', date(suppression.until), '.']
  return [`The chats are kept quiet while "${suppression.inhibitor.title}" fires.`]
}

function date(at: Date) {
  return { time: at.toISOString(), style: 'date' } as const
}
