import type { FastifyInstance, FastifyReply } from 'fastify'
import { mostBytes } from '#bot/api/raw-body.ts'
import { sourceOf, tooMuch } from '#bot/api/hold-to-quota.ts'
import type { Desk } from '#bot/desk.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import { groupStandings } from '#engine/dispatch/group-standings.ts'
import { namesTooMany } from '#engine/intake/named-checks.ts'
import { isResolved, type PostedAlert } from '#engine/posted-alert.ts'
import { readPostedAlerts } from '#engine/intake/alertmanager.ts'
import {
  type AlertGroup,
  type AlertStanding,
  byFingerprint,
  presentGroups,
} from '#engine/view/alertmanager.ts'
import {
  pageOfAlerts,
  pageToRead,
  readAlertQuery,
  selectAlerts,
  selectGroups,
} from '#engine/view/alertmanager-query.ts'
import { alertsText } from './alert-text.ts'
import { answerRefusal, searchOf } from './answer.ts'
import { RememberedAlerts } from './remembered-alerts.ts'
import { listStandings } from './standings.ts'

/** Alertmanager's default for its resolve_timeout. */
export const resolveTimeoutSeconds = 300

/** `GET` and `POST /alerts`, `GET /alerts/groups`. */
export function serveAlerts(scope: FastifyInstance, desk: Desk): void {
  const remembered = new RememberedAlerts()
  scope.post('/alerts', { schema: { hide: true }, bodyLimit: mostBytes }, async (request, reply) => {
    const { body } = request
    const source = sourceOf(request)
    const seconds = desk.quotas.mustWait(source)
    if (seconds !== undefined) return answerFlood(reply, source, seconds)
    const now = desk.clock()
    const arrival = { now, resolveTimeoutSeconds, names: desk.labelNames }
    const { accepted, posted, refusal } = readPostedAlerts(typeof body === 'string' ? body : '', arrival)
    desk.quotas.spend(source, posted)
    const failing = accepted.filter((alert) => !isResolved(alert, now))
    const tooMany = desk.quotas.tooMany(source, failing.map(nameOf))
    const items = accepted.filter((alert) => isResolved(alert, now) || !tooMany.has(nameOf(alert)))
    if (items.length > 0) {
      const batch = { source: 'alertmanager' as const, items }
      await acceptBatch(desk.db, batch, { environment: firstEnvironment.slug, receivedAt: now })
    }
    // Exactly 200: amtool takes any other success for a failure, and Prometheus drops what is refused.
    if (refusal) return answerRefusal(reply, refusal)
    if (tooMany.size > 0) return reply.code(429).send({ code: 429, message: namesTooMany(source) })
    return reply.code(200).send()
  })
  scope.get('/alerts', { schema: { hide: true } }, async (request, reply) => {
    const read = readAlertQuery(searchOf(request))
    if ('refusal' in read) return answerRefusal(reply, read.refusal)
    const now = desk.clock()
    const part = pageToRead(read.query)
    const standings = await listStandings(desk.db, firstEnvironment.slug, { now, page: part, remembered })
    const wanted = selectAlerts(standings, read.query, now)
    const page = pageOfAlerts(wanted, read.query)
    if (page.length < wanted.length) linkNext(reply, page, searchOf(request))
    const shown = read.query.limit === undefined ? page.toSorted(byFingerprint) : page
    return reply.type('application/json').send(alertsText(shown))
  })
  scope.get('/alerts/groups', { schema: { hide: true } }, async (request, reply) => {
    const read = readAlertQuery(searchOf(request))
    if ('refusal' in read) return answerRefusal(reply, read.refusal)
    const now = desk.clock()
    const standings = await listStandings(desk.db, firstEnvironment.slug, { now, remembered })
    const routing = await loadRoutingTree(desk.db, firstEnvironment.slug)
    const groups = routing ? groupStandings(standings, routing, now) : standings.flatMap(ungrouped)
    return presentGroups(selectGroups(groups, read.query, now))
  })
}

function nameOf({ fingerprint }: PostedAlert): string {
  return fingerprint
}

/** Prometheus says at its next turn what was not taken. */
function answerFlood(reply: FastifyReply, source: string, seconds: number): FastifyReply {
  const message = tooMuch(source, seconds)
  return reply.code(429).header('retry-after', String(seconds)).send({ code: 429, message })
}

/** Without a routing each alert is an incident of its own, and so a group, at every receiver. */
function ungrouped(standing: AlertStanding): AlertGroup[] {
  return standing.receivers.map((receiver) => ({
    labels: standing.alert.labels,
    receiver,
    alerts: [standing],
  }))
}

/** Ours, and in a header, since clients of Alertmanager expect the bare array. */
function linkNext(reply: FastifyReply, page: readonly AlertStanding[], search: URLSearchParams): void {
  const last = page.at(-1)
  if (!last || !search.has('limit')) return
  search.set('after', last.alert.fingerprint)
  reply.header('link', `</api/v2/alerts?${search.toString()}>; rel="next"`)
}
