import { resolve } from 'node:path'
import { z } from 'zod'
import { type DecisionSettings, defaultDecisionSettings } from '#engine/decision-settings.ts'
import type { Reach } from '#engine/exchange/cursor.ts'
import { networkProblem } from '#engine/egress/egress-rules.ts'
import { exchangeReachOf } from './exchange-reach.ts'
import {
  duration,
  flag,
  flapping,
  list,
  optional,
  origins,
  port,
  positive,
  secretKeys,
  sourceQuota,
  url,
  wholeNumber,
  zone,
} from './variable-kinds.ts'

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '::1'])

/** Every variable there is, each with what it expects; read once, at start. */
export const variables = z.object({
  PORT: optional(port),
  FLAPJACK_API_PORT: optional(port),
  HOST: optional(z.string().min(1)),
  PUBLIC_URL: optional(url('https?', 'https://alerts.example.com')),
  TOCSIN_TOKEN: optional(z.string().min(16, 'at least 16 characters, best 32 random ones')),
  TOCSIN_SECRET_KEY: optional(secretKeys),
  TOCSIN_SECRET_KEY_FILE: optional(z.string()),
  TOCSIN_ALERT_LOG_DIR: optional(z.string()),
  CORS_ORIGINS: optional(origins),
  ALERTMANAGER_LABEL_NAMES: optional(z.enum(['utf8', 'classic'], { error: 'utf8 or classic' })),
  TOCSIN_DATA: optional(z.string()),
  TOCSIN_ZONE: optional(zone),
  TOCSIN_REOPEN_AFTER: optional(duration('30m', { allows: 'never' })),
  TOCSIN_FLAPPING: optional(flapping),
  TOCSIN_SOURCE_QUOTA: optional(sourceQuota),
  TOCSIN_INITIAL_FAILURE_DELAY: optional(duration('30s')),
  TOCSIN_REPEAT_FAILURE_DELAY: optional(duration('60s')),
  TOCSIN_NEW_CHECK_MAINTENANCE: optional(duration('2h', { allows: 'off' })),
  TOCSIN_NEW_CHECK_IGNORE_TAGS: optional(list),
  TOCSIN_MEDIA_INTERVAL: optional(
    duration('15m').refine((seconds) => seconds !== 0, 'a length of time such as 15m, longer than 0'),
  ),
  TOCSIN_CONTACT_ZONE: optional(zone),
  TOCSIN_DEPLOY_BACKLOG_CAP: optional(duration('24h, or 0 for no cap')),
  TOCSIN_EXCHANGE_OVERLAP: optional(duration('10m', { least: 30 })),
  TOCSIN_EXCHANGE_MAX_AGE: optional(duration('3d', { least: 3600 })),
  TOCSIN_TELL_ONCE_PER_LINK: optional(flag),
  TOCSIN_CIRCUIT_BREAKER_FAILURES: optional(wholeNumber(1, 1000)),
  TOCSIN_CIRCUIT_BREAKER_WINDOW: optional(positive('30s')),
  TOCSIN_CIRCUIT_BREAKER_COOLDOWN: optional(positive('60s')),
  LOG_LEVEL: optional(z.enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' })),
  DATABASE_URL: optional(url('postgres|postgresql', 'postgres://user:password@host:5432/tocsin')),
  REDIS_URL: optional(url('redis|rediss', 'redis://host:6379')),
  FLAPJACK_REDIS_URL: optional(url('redis|rediss', 'redis://host:6379/0')),
  FLAPJACK_QUEUE: optional(
    z
      .string()
      .max(100, 'the name of a Redis list, at most 100 characters')
      .refine((name) => name.trim() === name, 'the name of a Redis list, without spaces around it'),
  ),
  FLAPJACK_ARCHIVE_HOURS: optional(
    z
      .string()
      .regex(/^\d{1,4}$/, 'whole hours, or 0 to keep no archive')
      .transform(Number),
  ),
  EGRESS_ALLOW: optional(
    list.superRefine((networks, context) => {
      for (const network of networks) {
        const problem = networkProblem(network)
        if (problem !== undefined) context.addIssue(`addresses or networks separated by commas; ${problem}`)
      }
    }),
  ),
  CLICKHOUSE_URL: optional(url('https?', 'http://user:password@host:8123')),
  CLICKHOUSE_DATABASE: optional(z.string()),
  ELASTICSEARCH_URL: optional(
    list.refine(
      (urls) => urls.every((one) => /^https?:$/.test(URL.parse(one)?.protocol ?? '')),
      'the URLs of one or more nodes, such as https://name:password@es-1:9200, separated by commas',
    ),
  ),
  ELASTICSEARCH_API_KEY: optional(z.string().regex(/^\S+$/, 'an encoded API key, without spaces')),
  ELASTICSEARCH_CA_FILE: optional(z.string()),
  TOCSIN_KUBERNETES: optional(z.string()),
  TOCSIN_KUBERNETES_CONTEXT: optional(z.string()),
  SLACK_BOT_TOKEN: optional(z.string().startsWith('xoxb-', 'a bot token, which begins with xoxb-')),
  SLACK_SIGNING_SECRET: optional(list),
  SLACK_APP_TOKEN: optional(z.string().startsWith('xapp-', 'an app-level token, which begins with xapp-')),
  SLACK_CHANNEL: optional(z.string()),
  SLACK_RESPONDERS: optional(list),
  SLACK_API_URL: optional(url('https?', 'https://slack.com/api/')),
  TEAMS_APP_ID: optional(z.uuid({ error: "the bot's application id, a UUID" })),
  TEAMS_APP_TYPE: optional(
    z.enum(['SingleTenant', 'UserAssignedMSI', 'MultiTenant'], {
      error: 'SingleTenant, UserAssignedMSI or MultiTenant',
    }),
  ),
  TEAMS_TENANT_ID: optional(z.uuid({ error: 'the Entra tenant id, a UUID' })),
  TEAMS_SECRET: optional(z.string()),
  TEAMS_ALLOWED_TENANTS: optional(list),
  TEAMS_PERSONAL_ALERTS: optional(flag),
  TEAMS_ANONYMOUS: optional(flag),
  DISCORD_TOKEN: optional(z.string()),
  DISCORD_CHANNEL_ID: optional(z.string().regex(/^\d{5,20}$/, 'a channel id, which is all digits')),
  DISCORD_GUILD_ID: optional(z.string().regex(/^\d{5,20}$/, 'a server id, which is all digits')),
  DISCORD_RESPONDER_ROLES: optional(list),
  DISCORD_API_URL: optional(url('https?', 'https://discord.com/api')),
})

export type Variables = z.infer<typeof variables>

/** What a whole start needs to know; secrets in here never reach a log. */
export interface Settings extends Variables {
  readonly port: number
  readonly host: string
  readonly isLoopback: boolean
  readonly dataFolder: string
  readonly zone: string
  readonly decisions: DecisionSettings
  /** How far every single exchange is looked for. */
  readonly exchangeReach: Reach
}

/** Throws one Error that names every wrong variable, what was found and what is expected. */
export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = variables.safeParse(environment)
  const complaints = parsed.success
    ? missingParts(parsed.data)
    : parsed.error.issues.map((issue) => complaint(issue, environment))
  if (!parsed.success || complaints.length > 0)
    throw new Error(`the environment is not right.\n${complaints.join('\n')}`)
  const host = parsed.data.HOST ?? '127.0.0.1'
  return {
    ...parsed.data,
    port: parsed.data.PORT ?? 3000,
    host,
    isLoopback: loopbackHosts.has(host),
    dataFolder: resolve(parsed.data.TOCSIN_DATA ?? '.tocsin'),
    zone: parsed.data.TOCSIN_ZONE ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    decisions: decisionsOf(parsed.data),
    exchangeReach: exchangeReachOf(parsed.data),
  }
}

/** What is not set is as Flapjack has it, but that new checks are heard at once. */
function decisionsOf(found: Variables): DecisionSettings {
  const { notification, routing, reopenAfterSeconds, flapping: defaultFlapping } = defaultDecisionSettings
  return {
    notification: {
      ...notification,
      initialFailureDelaySeconds:
        found.TOCSIN_INITIAL_FAILURE_DELAY ?? notification.initialFailureDelaySeconds,
      repeatFailureDelaySeconds: found.TOCSIN_REPEAT_FAILURE_DELAY ?? notification.repeatFailureDelaySeconds,
      newCheckMaintenanceSeconds:
        found.TOCSIN_NEW_CHECK_MAINTENANCE ?? notification.newCheckMaintenanceSeconds,
      newCheckMaintenanceIgnoreTags:
        found.TOCSIN_NEW_CHECK_IGNORE_TAGS ?? notification.newCheckMaintenanceIgnoreTags,
    },
    routing: {
      defaultTimezone: found.TOCSIN_CONTACT_ZONE ?? routing.defaultTimezone,
      defaultIntervalSeconds: found.TOCSIN_MEDIA_INTERVAL ?? routing.defaultIntervalSeconds,
      tellOncePerLink: found.TOCSIN_TELL_ONCE_PER_LINK ?? routing.tellOncePerLink,
    },
    reopenAfterSeconds: found.TOCSIN_REOPEN_AFTER ?? reopenAfterSeconds,
    flapping: found.TOCSIN_FLAPPING === undefined ? defaultFlapping : found.TOCSIN_FLAPPING,
  }
}

const secret = /TOKEN|SECRET|URL|KEY/

function complaint(
  issue: z.core.$ZodIssue,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const name = String(issue.path[0])
  const value = environment[name] ?? ''
  const found = secret.test(name) ? `${value.length} characters` : JSON.stringify(value.slice(0, 60))
  return `  ${name}: found ${found}, expected ${issue.message}.`
}

/** Variables that only make sense together. Fails closed: an open door without a key is refused. */
function missingParts(found: Variables): string[] {
  const needs = (name: keyof Variables, other: keyof Variables, why: string) =>
    found[name] !== undefined && found[other] === undefined
      ? [`  ${other}: not set, but ${name} is: ${why}.`]
      : []
  return [
    ...needs('SLACK_BOT_TOKEN', 'SLACK_CHANNEL', 'the channel alerts are posted to'),
    ...(found.SLACK_BOT_TOKEN !== undefined && found.SLACK_APP_TOKEN === undefined
      ? needs(
          'SLACK_BOT_TOKEN',
          'SLACK_SIGNING_SECRET',
          'without it nothing proves that a request comes from Slack (or set SLACK_APP_TOKEN for Socket Mode)',
        )
      : []),
    ...needs('SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN', 'Socket Mode needs both'),
    ...needs('SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN', 'without it nothing can be posted'),
    ...needs('SLACK_CHANNEL', 'SLACK_BOT_TOKEN', 'without it nothing can be posted'),
    ...needs('TEAMS_APP_ID', 'TEAMS_TENANT_ID', 'the tenant the bot is registered in'),
    ...(found.TEAMS_APP_TYPE === 'UserAssignedMSI'
      ? []
      : needs('TEAMS_APP_ID', 'TEAMS_SECRET', "the bot's client secret")),
    ...needs('DISCORD_TOKEN', 'DISCORD_CHANNEL_ID', 'the channel alerts are posted to'),
    ...needs('DISCORD_CHANNEL_ID', 'DISCORD_TOKEN', 'without it nothing can be posted'),
    ...needs('FLAPJACK_QUEUE', 'FLAPJACK_REDIS_URL', 'the Redis that the list is in'),
    ...needs('FLAPJACK_ARCHIVE_HOURS', 'FLAPJACK_REDIS_URL', 'the Redis that events are archived in'),
    ...needs('ELASTICSEARCH_API_KEY', 'ELASTICSEARCH_URL', 'the cluster that the key opens'),
    ...needs('ELASTICSEARCH_CA_FILE', 'ELASTICSEARCH_URL', 'the cluster whose certificate it signed'),
    ...(found.ELASTICSEARCH_API_KEY !== undefined &&
    found.ELASTICSEARCH_URL?.some((one) => URL.parse(one)?.username)
      ? [
          '  ELASTICSEARCH_API_KEY: set, but ELASTICSEARCH_URL holds a name and a password too: keep one of the two.',
        ]
      : []),
    ...needs('TOCSIN_KUBERNETES_CONTEXT', 'TOCSIN_KUBERNETES', 'the kubeconfig that has this context'),
    ...needs('CLICKHOUSE_DATABASE', 'CLICKHOUSE_URL', 'the embedded engine has a database of its own'),
    ...(found.HOST !== undefined && !loopbackHosts.has(found.HOST) && found.TOCSIN_TOKEN === undefined
      ? [
          `  TOCSIN_TOKEN: not set, but HOST is ${found.HOST}: whoever reaches this address could act as you. Choose a token of 16 characters or more.`,
        ]
      : []),
  ]
}
