import { readPostedAlerts } from '#engine/intake/alertmanager.ts'
import { readPostedSilence, silenceIdProblem } from '#engine/intake/alertmanager-silence.ts'
import { notFound, refuse } from '#engine/intake/api-refusal.ts'
import type { Labels } from '#engine/labels.ts'
import { matchesAll, type Matcher } from '#engine/matcher.ts'
import { parseMatcher } from '#engine/matcher-text.ts'
import { isResolved, mergePosted, type PostedAlert } from '#engine/posted-alert.ts'
import { inhibitions } from '#engine/suppress/inhibition.ts'
import { expireSilence, placeSilence, type ScheduledSilence } from '#engine/suppress/silence-schedule.ts'
import { silencesInForce } from '#engine/suppress/silences-in-force.ts'
import {
  type AlertStanding,
  presentAlerts,
  presentReceivers,
  presentSilence,
  presentSilences,
  presentStatus,
} from '#engine/view/alertmanager.ts'
import { readAlertQuery, readFilter, selectAlerts, selectSilences } from '#engine/view/alertmanager-query.ts'
import type { AlertmanagerConfig, Answer, Request } from './alertmanager-scenario.ts'

/** Alertmanager's API over the pure engine, with two maps for a memory. */
export function alertmanagerWorld(config: AlertmanagerConfig): (request: Request) => Answer {
  const alerts = new Map<string, PostedAlert>()
  const silences = new Map<string, ScheduledSilence>()

  const postAlerts = ({ body, now }: Request): Answer => {
    const read = readPostedAlerts(body, {
      now,
      resolveTimeoutSeconds: config.resolveTimeout ?? 300,
      names: 'classic',
    })
    for (const alert of read.accepted)
      alerts.set(alert.fingerprint, mergePosted(alerts.get(alert.fingerprint), alert, now))
    return read.refusal ?? { status: 200 }
  }

  const getAlerts = ({ query, now }: Request): Answer => {
    const read = readAlertQuery(query)
    if ('refusal' in read) return read.refusal
    const { index } = silencesInForce([...silences.values()], now)
    const firing = [...alerts.values()].filter((alert) => !isResolved(alert, now))
    const { inhibitorOf } = inhibitions(rulesOf(config), firing)
    const standings = [...alerts.values()].map((alert): AlertStanding => {
      const inhibitor = inhibitorOf(alert.labels)
      return {
        alert,
        receivers: receiversOf(config, alert.labels),
        silencedBy: index.find(alert.labels).map(({ id }) => id),
        inhibitedBy: inhibitor === undefined ? [] : [inhibitor],
        mutedBy: [],
      }
    })
    return { status: 200, body: presentAlerts(selectAlerts(standings, read.query, now)) }
  }

  const postSilence = ({ body, now }: Request): Answer => {
    const read = readPostedSilence(body)
    if ('refusal' in read) return read.refusal
    const known = read.wish.id === undefined ? undefined : silences.get(read.wish.id)
    const newId = () => crypto.randomUUID()
    const change = placeSilence(read.wish, known, { environment: 'prod', now, newId, names: 'classic' })
    if (change.kind === 'unknown') return notFound(change.because)
    if (change.kind === 'refused') return refuse(change.because)
    for (const silence of [change.ended, change.silence]) if (silence) silences.set(silence.id, silence)
    return { status: 200, body: { silenceID: change.silence.id } }
  }

  const getSilences = ({ query, now }: Request): Answer => {
    const read = readFilter(query)
    if ('refusal' in read) return read.refusal
    return { status: 200, body: presentSilences(selectSilences([...silences.values()], read.matchers), now) }
  }

  const oneSilence = ({ method, path, now }: Request): Answer => {
    const id = path.slice(path.lastIndexOf('/') + 1)
    const problem = silenceIdProblem(id)
    if (problem) return problem
    const known = silences.get(id)
    if (!known) return notFound('silence not found')
    if (method === 'GET') return { status: 200, body: presentSilence(known, now) }
    const change = expireSilence(known, now)
    if (change.kind === 'changed') silences.set(id, change.silence)
    return { status: 200 }
  }

  const startedAt = new Date('2026-01-31T10:00:00Z')
  return (request) => {
    const route = `${request.method} ${request.path}`
    if (route === 'POST /api/v2/alerts') return postAlerts(request)
    if (route === 'GET /api/v2/alerts') return getAlerts(request)
    if (route === 'POST /api/v2/silences') return postSilence(request)
    if (route === 'GET /api/v2/silences') return getSilences(request)
    if (route === 'GET /api/v2/receivers') {
      return { status: 200, body: presentReceivers(config.receivers.map(({ name }) => name)) }
    }
    if (route === 'GET /api/v2/status') {
      return {
        status: 200,
        body: presentStatus({ version: '0.26.0', revision: '', startedAt, configYaml: 'route: {}' }),
      }
    }
    if (request.path.startsWith('/api/v2/silence/')) return oneSilence(request)
    throw new Error(`Nothing in this world answers ${route}.`)
  }
}

function parsed(texts: readonly string[] = []): Matcher[] {
  return texts.flatMap((text) => {
    const read = parseMatcher(text)
    return 'matcher' in read ? read.matcher : []
  })
}

function rulesOf({ inhibit = [] }: AlertmanagerConfig) {
  return inhibit.map((rule) => ({
    source: parsed(rule?.source),
    target: parsed(rule?.target),
    equal: rule?.equal ?? [],
  }))
}

/** Only as deep as the scenarios go: the root, and children that do not continue. */
function receiversOf({ route }: AlertmanagerConfig, labels: Labels): string[] {
  const child = route.routes?.find(({ matchers }) => matchesAll(parsed(matchers), labels))
  return [child?.receiver ?? route.receiver ?? '']
}
