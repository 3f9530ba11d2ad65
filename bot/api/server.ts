import fastifySwagger from '@fastify/swagger'
import { fastify, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { type Access, requireAccess } from '#bot/console/access.ts'
import { countAttempts } from '#bot/console/attempts.ts'
import { callerFinder } from '#bot/api-tokens.ts'
import type { Desk } from '#bot/desk.ts'
import { serveAlertmanager } from './alertmanager/serve.ts'
import { serveAlerts } from './alerts.ts'
import { serveAlertsCsv } from './alerts-csv.ts'
import { serveAudit } from './audit.ts'
import { serveConnections } from './connections/connections.ts'
import { serveOutboundConnections } from './connections/outbound-connections.ts'
import { serveContactAlerts } from './directory/contact-alerts.ts'
import { serveContactMedia } from './directory/contact-media.ts'
import { serveContacts } from './directory/contacts.ts'
import { serveCrowds } from './directory/crowds.ts'
import { serveEntities } from './directory/entities.ts'
import { serveMaintenances } from './directory/maintenances.ts'
import { serveNotificationRules } from './directory/notification-rules.ts'
import { serveEvaluationGaps } from './evaluation-gaps.ts'
import { serveEvents } from './events.ts'
import { serveFlapjack } from './flapjack/serve.ts'
import { serveHealth } from './health.ts'
import { serveMappings } from './mappings.ts'
import { serveInhibitions } from './inhibitions.ts'
import { openMetrics } from './metrics.ts'
import { noteChanges } from './note-changes.ts'
import { serveNotices } from './notices.ts'
import { servePagerDuty } from './pagerduty.ts'
import { serveNotifications } from './notifications.ts'
import { answerProblem } from './problem.ts'
import { takeShallowJson } from './shallow-json.ts'
import { serveExplain } from './explain.ts'
import { serveRouting } from './routing.ts'
import { serveRoutingMatrix } from './routing-matrix.ts'
import { serveRules } from './rules.ts'
import { serveSignedDoor } from './signed/door.ts'
import { serveSignedDoors } from './signed/settings.ts'
import { serveSilences } from './silences.ts'
import { serveTimeline } from './timeline.ts'
import { serveTokens } from './tokens.ts'
import { serveWebhooks } from './webhooks.ts'

interface ServerOptions {
  readonly desk: Desk
  readonly log: Logger
  readonly access: Access
  readonly publicUrl?: string | undefined
  /** Sites whose pages may use Alertmanager's API from a browser; none without it. */
  readonly origins?: ReadonlySet<string> | undefined
  readonly patience?: Patience
}

/** How long a request may take to come, and how often somebody looks. */
interface Patience {
  readonly headersMs: number
  /** All of it. */
  readonly requestMs: number
  readonly lookEveryMs: number
}

/** Whoever sends a byte now and then must not keep a connection for ever. */
const usualPatience: Patience = { headersMs: 15_000, requestMs: 30_000, lookEveryMs: 5000 }

/** One port for everything: the doors are added to what this returns, then it listens. */
export async function openServer({
  desk,
  log,
  access,
  publicUrl,
  origins,
  patience,
}: ServerOptions): Promise<FastifyInstance> {
  const app = bareServer(log, patience)
  const attempts = countAttempts()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerProblem)
  await app.register(fastifySwagger, {
    openapi: {
      info: { title: 'Tocsin', version: '1', description: 'Alerts and rules, in the shapes of the chat.' },
    },
    transform: jsonSchemaTransform,
  })
  serveHealth(app, desk, openMetrics(desk.db, desk.clock))
  const findCaller = callerFinder(desk)
  const guard = {
    access,
    publicUrl,
    clock: desk.clock,
    attempts,
    callers: 'programs',
    findCaller,
    noteRefusal: desk.audit.refused,
  } as const
  await app.register(async (api) => {
    api.addHook('onRequest', requireAccess(guard))
    noteChanges(api, desk)
    serveOurs(api, desk)
    serveTimeline(api, { ...desk, publicUrl })
    api.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  })
  servePagerDuty(app, desk)
  serveSignedDoor(app, desk)
  serveAlertmanager(app, desk, { ...guard, origins })
  serveFlapjack(app, { desk, access, publicUrl, attempts }, '/flapjack')
  return app
}

function serveOurs(api: FastifyInstance, desk: Desk): void {
  serveAlerts(api, desk)
  serveAlertsCsv(api, desk)
  serveNotifications(api, desk)
  serveRules(api, desk)
  serveEvaluationGaps(api, desk)
  serveRouting(api, desk)
  serveRoutingMatrix(api, desk)
  serveExplain(api, desk)
  serveEvents(api, desk)
  serveNotices(api, desk)
  serveWebhooks(api, desk)
  serveMappings(api, desk)
  serveSignedDoors(api, desk)
  serveConnections(api, desk)
  serveOutboundConnections(api, desk)
  serveSilences(api, desk)
  serveInhibitions(api, desk)
  serveContacts(api, desk)
  serveContactMedia(api, desk)
  serveCrowds(api, desk)
  serveContactAlerts(api, desk)
  serveNotificationRules(api, desk)
  serveEntities(api, desk)
  serveMaintenances(api, desk)
  serveTokens(api, desk)
  serveAudit(api, desk)
}

/** Flapjack's JSON API alone, at the root of a port of its own, for tools that can be told a host and nothing else. */
export function openFlapjackServer({ desk, log, access, publicUrl }: ServerOptions): FastifyInstance {
  const app = bareServer(log)
  serveFlapjack(app, { desk, access, publicUrl }, '')
  return app
}

function bareServer(log: Logger, patience = usualPatience): FastifyInstance {
  const app = fastify({
    // A line for each request is too much at `info`; and Pino's own logger has a wider type than Fastify's interface asks for.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }) as FastifyBaseLogger,
    bodyLimit: 1024 * 1024,
    // Flapjack's clients list ids in paths; Node ends headers at 16 KiB anyway.
    routerOptions: { maxParamLength: 16_384 },
    // Fastify waits for a body for ever. Node looks at neither limit before the longer one of the two is over.
    requestTimeout: patience.requestMs,
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.lookEveryMs },
    // Proxies and browsers hold connections open; closing must not wait for them.
    forceCloseConnections: true,
  })
  takeShallowJson(app)
  return app
}
