import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checkCanonicalRelations } from '#workers/telemetry/schema.ts'
import { install, remove, type Installation } from './installation.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describe('over a schema like Cameleer’s', () => {
  let installation: Installation
  const at = new Date('2026-07-08T09:10:11.123Z')
  const tables = [
    'CREATE DATABASE cameleer',
    `CREATE TABLE cameleer.executions (environment LowCardinality(String), application_id LowCardinality(String),
       route_id LowCardinality(String), instance_id LowCardinality(String), status LowCardinality(String),
       start_time DateTime64(3), duration_ms Nullable(Int64), execution_id String, correlation_id Nullable(String),
       error_message Nullable(String), attributes String, _version UInt64)
     ENGINE = ReplacingMergeTree(_version) PARTITION BY toYYYYMM(start_time)
     ORDER BY (start_time, environment, application_id, route_id, execution_id)`,
    `CREATE TABLE cameleer.logs (environment LowCardinality(String), application LowCardinality(String),
       instance_id LowCardinality(String), level LowCardinality(String), timestamp DateTime64(3), logger_name String,
       message String) ENGINE = MergeTree ORDER BY (environment, application, timestamp)`,
    `CREATE TABLE cameleer.agent_metrics (environment LowCardinality(String), instance_id LowCardinality(String),
       metric_name LowCardinality(String), metric_value Float64, collected_at DateTime64(3),
       server_received_at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY (instance_id, metric_name, collected_at)`,
    `CREATE TABLE cameleer.agent_events (environment LowCardinality(String), application_id LowCardinality(String),
       instance_id LowCardinality(String), event_type LowCardinality(String), timestamp DateTime64(3))
     ENGINE = MergeTree ORDER BY (application_id, instance_id, timestamp)`,
  ]

  beforeAll(async () => {
    installation = await install(tables, 'cameleer.sql')
  })
  afterAll(() => remove(installation))

  test('every canonical relation is there with every column', async () => {
    expect(await checkCanonicalRelations(installation.views)).toBeUndefined()
  })

  test('an execution written twice counts once, in its last version', async () => {
    const execution = {
      environment: 'prod',
      application_id: 'orders',
      route_id: 'pay',
      instance_id: 'o-1',
      start_time: at,
      execution_id: 'e1',
    }
    await installation.source.insert('cameleer.executions', [
      { ...execution, status: 'RUNNING', duration_ms: null, _version: 1 },
    ])
    await installation.source.insert('cameleer.executions', [
      {
        ...execution,
        status: 'FAILED',
        duration_ms: 40,
        error_message: 'no',
        attributes: '{"payment.type":"card"}',
        _version: 2,
      },
    ])
    expect(await installation.views.query('SELECT * FROM executions')).toEqual([
      {
        environment: 'prod',
        app: 'orders',
        route: 'pay',
        agent: 'o-1',
        status: 'FAILED',
        ts: at.toISOString(),
        duration_ms: 40,
        exec_id: 'e1',
        correlation_id: '',
        error: 'no',
        attributes: { 'payment.type': 'card' },
        ingested_at: new Date(at.getTime() + 40).toISOString(),
      },
    ])
  })

  test('log lines, agent states and metrics arrive under their canonical names', async () => {
    const line = {
      environment: 'prod',
      application: 'orders',
      instance_id: 'o-1',
      timestamp: at,
      logger_name: 'l',
      message: 'm',
    }
    await installation.source.insert('cameleer.logs', [
      { ...line, level: 'warn' },
      { ...line, level: 'FATAL' },
    ])
    expect(
      await installation.views.query('SELECT app, agent, level, logger, message FROM logs ORDER BY level'),
    ).toEqual([
      { app: 'orders', agent: 'o-1', level: 'WARN', logger: 'l', message: 'm' },
      { app: 'orders', agent: 'o-1', level: 'ERROR', logger: 'l', message: 'm' },
    ])
    const event = { environment: 'prod', application_id: 'orders', instance_id: 'o-1' }
    const types = ['REGISTERED', 'CONFIG_CHANGED', 'WENT_STALE', 'WENT_DEAD', 'RECOVERED']
    await installation.source.insert(
      'cameleer.agent_events',
      types.map((event_type, index) => ({ ...event, event_type, timestamp: new Date(at.getTime() + index) })),
    )
    const states = await installation.views.query<{ state: string }>('SELECT state FROM agents ORDER BY ts')
    expect(states.map(({ state }) => state)).toEqual(['LIVE', 'STALE', 'DEAD', 'LIVE'])
    const sample = {
      environment: 'prod',
      instance_id: 'o-1',
      metric_name: 'jvm.memory.used.value',
      metric_value: 0.9,
      collected_at: at,
    }
    await installation.source.insert('cameleer.agent_metrics', [sample])
    expect(
      await installation.views.query('SELECT environment, app, agent, metric, value, ts FROM jvm_metrics'),
    ).toEqual([
      {
        environment: 'prod',
        app: 'orders',
        agent: 'o-1',
        metric: 'jvm.memory.used.value',
        value: 0.9,
        ts: at.toISOString(),
      },
    ])
  })
})
