/**
 * What a column must be, whatever its exact ClickHouse type in a user's own view. A level is an Enum everywhere,
 * because rules compare levels, and as text ERROR comes before INFO.
 */
export type ColumnKind = 'text' | 'level' | 'number' | 'time' | 'map'

export interface Column {
  readonly type: string
  readonly kind: ColumnKind
  readonly meaning: string
  /** How the embedded table stores it: compression, default. */
  readonly storage?: string
}

export interface Relation {
  readonly about: string
  readonly columns: Readonly<Record<string, Column>>
  /** After the minute: what one evaluation groups by, so that its rows lie together. */
  readonly order: readonly string[]
}

const name = (meaning: string): Column => ({ type: 'LowCardinality(String)', kind: 'text', meaning })
const text = (meaning: string): Column => ({
  type: 'String',
  kind: 'text',
  meaning,
  storage: 'CODEC(ZSTD(1))',
})
const oneOf = (type: string, meaning: string): Column => ({ type, kind: 'text', meaning })

const environment = name('Environment the row belongs to, such as prod; rules live in exactly one')
const app = name('Application or service')
const agent = name('Instance of the application: pod, host or process')

const ts = (meaning: string): Column => ({
  type: "DateTime64(3, 'UTC')",
  kind: 'time',
  meaning,
  storage: 'CODEC(DoubleDelta, ZSTD(1))',
})

/** Stamped by the store: agents' clocks differ, and rows arrive late. */
const ingestedAt: Column = {
  type: "DateTime64(3, 'UTC')",
  kind: 'time',
  meaning: 'When the store took the row in, by its own clock',
  storage: "DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))",
}

/** The five relations rules are evaluated on: tables in the embedded store, views in a user's own. */
export const canonicalRelations = {
  executions: {
    about: 'One row per exchange: a request, message or job that a route of an application processed',
    columns: {
      environment,
      app,
      route: name('What processed it: route, endpoint or operation'),
      agent,
      status: oneOf(
        "Enum8('COMPLETED' = 1, 'FAILED' = 2, 'RUNNING' = 3)",
        'How it ended, or that it has not',
      ),
      ts: ts('When it started'),
      duration_ms: {
        type: 'UInt32',
        kind: 'number',
        meaning: 'How long it took, in milliseconds',
        storage: 'CODEC(T64, ZSTD(1))',
      },
      exec_id: text('Identifies the exchange; the same exchange reported again has the same id'),
      correlation_id: text('Shared by the exchanges of one business transaction; empty if none'),
      error: text('Message of the failure; empty if none'),
      attributes: {
        type: 'Map(String, String)',
        kind: 'map',
        meaning: 'Business attributes, for rules such as payment.type = card',
        storage: 'CODEC(ZSTD(1))',
      },
      ingested_at: ingestedAt,
    },
    order: ['environment', 'app', 'route', 'ts'],
  },
  logs: {
    about: 'One row per log line',
    columns: {
      environment,
      app,
      agent,
      level: {
        type: "Enum8('TRACE' = 1, 'DEBUG' = 2, 'INFO' = 3, 'WARN' = 4, 'ERROR' = 5)",
        kind: 'level',
        meaning: 'Severity; fatal counts as ERROR',
      },
      ts: ts('When it was written'),
      logger: name('Who wrote it: logger, class or scope'),
      message: text('The line, without time and level'),
      ingested_at: ingestedAt,
    },
    order: ['environment', 'app', 'level', 'ts'],
  },
  agents: {
    about: 'One row per report of the state of an agent; the latest one counts',
    columns: {
      environment,
      app,
      agent,
      state: oneOf(
        "Enum8('LIVE' = 1, 'STALE' = 2, 'DEAD' = 3)",
        'Heard of lately, not for a while, given up',
      ),
      ts: ts('When it was in this state'),
      ingested_at: ingestedAt,
    },
    order: ['environment', 'app', 'agent', 'ts'],
  },
  deployments: {
    about: 'One row per change of the state of a deployment; the latest one counts',
    columns: {
      environment,
      app,
      deployment: name('Identifies the deployment'),
      state: name('Such as STARTING, RUNNING, DEGRADED, FAILED, STOPPED'),
      version: text('What is deployed: version, image tag or commit'),
      ts: ts('When it entered this state'),
      ingested_at: ingestedAt,
    },
    order: ['environment', 'app', 'deployment', 'ts'],
  },
  jvm_metrics: {
    about: 'One row per sample of a metric of an agent',
    columns: {
      environment,
      app,
      agent,
      metric: name('Such as jvm.memory.used.value'),
      value: {
        type: 'Float64',
        kind: 'number',
        meaning: 'The sample, in the unit of the metric',
        storage: 'CODEC(Gorilla, ZSTD(1))',
      },
      ts: ts('When it was taken'),
      ingested_at: ingestedAt,
    },
    order: ['environment', 'app', 'metric', 'agent', 'ts'],
  },
} as const satisfies Readonly<Record<string, Relation>>

export type RelationName = keyof typeof canonicalRelations
