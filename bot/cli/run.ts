import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import { type Bot, startBot } from '#bot/app.ts'
import { openSourceQuotas } from '#bot/source-quotas.ts'
import { openAudit } from '#bot/audit/audit.ts'
import { builtConsole } from '#bot/console/build.ts'
import type { Desk } from '#bot/desk.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { defaultSourceQuota, type SourceQuota } from '#engine/intake/source-quota.ts'
import { egressRules } from '#engine/egress/egress-rules.ts'
import { startWorkers } from '#workers/app.ts'
import { startClockwork } from '#workers/clockwork.ts'
import { startDispatcher } from '#workers/dispatch/dispatcher.ts'
import { timed, webhookPoster } from '#workers/dispatch/post-webhook.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { type ConnectionHands, integrationNotifiers } from '#workers/notifiers/connections.ts'
import type { LaneHands } from '#workers/delivery/lane-hands.ts'
import { startTaking } from '#workers/flapjack/taking.ts'
import { type ExchangeReader, openExchangeReader } from '#workers/exchanges/exchange-reader.ts'
import { startIntake } from '#workers/intake.ts'
import { resolveOverdue } from '#workers/processors/expire-alerts.ts'
import { startDeliverer } from '#workers/delivery/deliverer.ts'
import { openStopWatch, type StopWatch } from '#workers/delivery/stop-watch.ts'
import { vendorPaces } from '#engine/notify/vendor-pace.ts'
import { type Announcer, openAnnouncer } from '#workers/queues/announce.ts'
import { openQueues } from '#workers/queues/open-queues.ts'
import { testConnection } from '#workers/queues/test-connection.ts'
import type { QueueHouse } from '#workers/queues/queue.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { noteRingCheck } from '#workers/telemetry/rings/note-ring-check.ts'
import { telemetryOf } from '#workers/telemetry/telemetry.ts'
import { alertLogOf } from './alert-log.ts'
import { breakerOf } from './breaker.ts'
import { closingStack } from './closing.ts'
import { openSecrets, warnOfEnds } from './connections.ts'
import { openDatabase, type OpenedDatabase, type Opening } from './database.ts'
import { madeUpClusters, openClusterTelemetry, openDemo } from './demo.ts'
import { openElasticsearch } from './elasticsearch.ts'
import type { Settings } from './environment.ts'
import { consoleReport } from './report.ts'
import { openKubernetes } from './kubernetes.ts'
import { openLog } from './log.ts'
import { endOnSignal } from './signals.ts'
import { notifiersOf, surfacesOf } from './surfaces.ts'
import { openTelemetry } from './telemetry.ts'

export interface Roles {
  readonly bot: boolean
  readonly workers: boolean
}

/** Ties the rooms together: the only place that knows them all. */
export async function run(roles: Roles, settings: Settings, wishes: { demo: boolean }): Promise<void> {
  const log = openLog(settings.LOG_LEVEL ?? 'warn', pino.destination(2))
  const closing = closingStack((name, error) => log.error({ err: error }, `${name} did not close`))
  const report = consoleReport((line) => {
    if (!closing.isClosing()) console.log(line)
  })
  endOnSignal(closing, log)
  try {
    await open(roles, { settings, wishes, log, report, closing })
  } catch (error) {
    await closing.close()
    throw error
  }
}

interface House extends Opening {
  readonly settings: Settings
  readonly wishes: { readonly demo: boolean }
  readonly log: Logger
}

async function open(roles: Roles, house: House): Promise<void> {
  const { settings, wishes, log, report } = house
  report.line(`Tocsin on Node ${process.versions.node}`)
  await mkdir(settings.dataFolder, { recursive: true })
  // The two stores do not know each other, and the page neither: a start is as long as the slowest of them.
  const beginnings = [
    openDatabase(settings, `tocsin-${roleName(roles)}`, house),
    openTelemetry(settings, house),
    roles.bot
      ? builtConsole({ folder: join(settings.dataFolder, 'console'), report: report.progress })
      : Promise.resolve(''),
  ] as const
  // Where one fails, the others must have come far enough to be closed again.
  await Promise.allSettled(beginnings)
  const [database, telemetry, page] = await Promise.all(beginnings)
  report.part('database', database.what)
  const queues = await openQueue(settings, database, house)
  report.part('telemetry', telemetry.what)
  const isDemo = telemetry.isEmbedded && wishes.demo
  const clusters = isDemo ? madeUpClusters(settings) : []
  const announcer = openAnnouncer(database.memory.db, log)
  const tests = queues.open(testConnection)
  const clock = () => new Date()
  const audit = openAudit({ db: database.memory.db, clock, log })
  house.closing.add('audit', () => audit.close())
  const quota = sourceQuotaOf(settings)
  const quotas = openSourceQuotas({ db: database.memory.db, clock, log, quota })
  house.closing.add('quotas', () => quotas.close())
  const desk: Desk = {
    db: database.memory.db,
    audit,
    quotas,
    telemetry: telemetryOf({
      clickhouse: clickHouseTelemetry(telemetry.store, {
        onRingCheck: (check) => void noteRingCheck(database.memory.db, log, check),
      }),
      ...(await openElasticsearch(settings, house)),
      ...(await openKubernetes(settings, house)),
      ...openClusterTelemetry(clusters, house),
    }),
    announce: announcer.announce,
    secrets: await openSecrets(settings, database.memory.db, report),
    askForTest: (testId) => tests.add({ testId }),
    egressRules: egressRules(settings.EGRESS_ALLOW ?? []),
    clock,
    settings: settings.decisions,
    labelNames: settings.ALERTMANAGER_LABEL_NAMES ?? 'utf8',
    zone: settings.zone,
    log,
  }
  if (roles.bot) await openBot({ ...house, desk, database, page })
  if (roles.workers) {
    const { store } = telemetry
    // Before whoever looks at it, who is then closed before it.
    if (isDemo) await openDemo({ ...house, clusters, memory: database.memory, store, clock })
    const exchanges = openExchangeReader(store, settings.exchangeReach)
    await openWorkers({ ...house, desk, announcer, queues, database, exchanges })
  }
  report.line(
    `\nReady. ${roles.bot ? 'Press Ctrl+C to stop.' : 'Evaluating and delivering; press Ctrl+C to stop.'}`,
  )
}

function roleName({ bot, workers }: Roles): string {
  return bot && workers ? 'start' : bot ? 'bot' : 'workers'
}

async function openQueue(
  settings: Settings,
  database: OpenedDatabase,
  { log, report, closing }: House,
): Promise<QueueHouse> {
  const { REDIS_URL: redisUrl } = settings
  const queues = await openQueues({
    postgresUrl: database.url,
    ...(redisUrl !== undefined && { redisUrl }),
    onError: (error, where) => log.warn({ err: error, where }, 'the queue has trouble'),
  })
  closing.add('queues', () => queues.close())
  report.part(
    'queue',
    redisUrl === undefined ? 'PostgreSQL, in the same database' : `Redis at ${new URL(redisUrl).host}`,
  )
  return queues
}

interface BotParts extends House {
  readonly desk: Desk
  readonly database: OpenedDatabase
  readonly page: string
}

async function openBot({ settings, log, report, closing, desk, database, page }: BotParts): Promise<void> {
  const bot: Bot = await startBot({
    desk,
    memory: database.memory,
    log,
    host: settings.host,
    port: settings.port,
    flapjackPort: settings.FLAPJACK_API_PORT,
    publicUrl: settings.PUBLIC_URL,
    access:
      settings.TOCSIN_TOKEN === undefined
        ? { kind: 'loopback' }
        : { kind: 'token', token: settings.TOCSIN_TOKEN },
    ...(settings.CORS_ORIGINS && { origins: new Set(settings.CORS_ORIGINS) }),
    page,
    chats: surfacesOf(settings),
  })
  closing.add('doors', () => bot.close())
  if (settings.FLAPJACK_API_PORT !== undefined)
    report.part('flapjack', `JSON API 1.x at port ${settings.FLAPJACK_API_PORT}`)
  report.part('chat', `local chat at ${settings.PUBLIC_URL ?? bot.url}`)
  report.part(
    '',
    bot.chats.length > 0 ? `and ${bot.chats.join(', ')}` : 'for Slack, Teams or Discord see the README',
  )
}

/** To one receiver of webhooks at a time. */
const connectionsPerReceiver = 64

interface WorkerParts extends House {
  readonly desk: Desk
  readonly announcer: Announcer
  readonly queues: QueueHouse
  readonly database: OpenedDatabase
  readonly exchanges: ExchangeReader
}

async function openWorkers(parts: WorkerParts): Promise<void> {
  const { settings, log, exchanges, report, closing, desk, queues, database } = parts
  const { db, telemetry, announce, clock, settings: decisions } = desk
  const egress = openEgress(settings.EGRESS_ALLOW ?? [], connectionsPerReceiver)
  closing.add('egress', () => egress.close())
  const outside = openOutside(egress, clock, alertLogOf(settings))
  closing.add('mail', () => outside.mail.close())
  const connecting = { db, box: desk.secrets, outside }
  const stopWatch = openStopWatch({ db, log })
  closing.add('stop watch', () => stopWatch.close())
  await openDelivery(parts, connecting, stopWatch)
  const hands = { db, telemetry, exchanges, announce, clock, settings: decisions, connecting, log }
  const workers = await startWorkers(queues, hands, { breaker: breakerOf(settings) })
  closing.add('workers', () => workers.close())
  openFlapjackList(parts)
  const dispatcher = await startDispatcher(database.memory, {
    db,
    clock,
    log,
    post: timed(webhookPoster(egress), (seconds) => stopWatch.took('webhook', seconds)),
    resolveOverdue: () => resolveOverdue({ db, announce, clock, settings: decisions, log }),
    externalUrl: settings.PUBLIC_URL ?? `http://${settings.host}:${settings.port}`,
  })
  closing.add('dispatcher', () => dispatcher.close())
  const intake = await startIntake(database.memory, {
    db,
    announce,
    clock,
    groupTeller: dispatcher,
    settings: decisions,
    log,
  })
  closing.add('intake', () => intake.close())
  const clockwork = await startClockwork(queues, { db, clock, log })
  closing.add('ticker', () => clockwork.close())
  report.part('workers', 'evaluating rules every 5 s, delivering messages')
}

async function openDelivery(
  { settings, log, report, closing, desk, announcer, database }: WorkerParts,
  connecting: ConnectionHands,
  stopWatch: StopWatch,
): Promise<void> {
  const { db, clock } = desk
  const notifiers: LaneHands['notifiers'] = {
    ...notifiersOf(surfacesOf(settings), db, clock),
    ...integrationNotifiers(connecting),
  }
  const deliverer = await startDeliverer(database.memory, {
    db,
    clock,
    log,
    notifiers,
    announcer,
    took: (medium, seconds) => stopWatch.took(medium, seconds),
    paceOf: (medium) => vendorPaces[medium],
    dice: Math.random,
    ...(settings.PUBLIC_URL !== undefined && { publicUrl: settings.PUBLIC_URL }),
  })
  await warnOfEnds(db, clock(), report)
  closing.add('delivery', async () => {
    await deliverer.close()
    for (const notifier of Object.values(notifiers)) await notifier.close?.()
  })
}

function sourceQuotaOf({ TOCSIN_SOURCE_QUOTA: quota }: WorkerParts['settings']): SourceQuota | null {
  return quota === undefined ? defaultSourceQuota : quota
}

function openFlapjackList({ settings, log, report, closing, desk: { db, clock } }: WorkerParts): void {
  const { FLAPJACK_REDIS_URL: redisUrl, FLAPJACK_QUEUE: queue = 'events' } = settings
  if (redisUrl === undefined) return
  const archiveSeconds = (settings.FLAPJACK_ARCHIVE_HOURS ?? 3) * 3600
  const environment = firstEnvironment.slug
  const quota = sourceQuotaOf(settings)
  const taking = startTaking({ redisUrl, queue, archiveSeconds, environment, db, clock, log, quota })
  closing.add('Redis list', () => taking.close())
  report.part('events', `from the list ${queue} of Redis at ${new URL(redisUrl).host}`)
}
