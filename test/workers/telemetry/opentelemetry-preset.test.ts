import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checkCanonicalRelations } from '#workers/telemetry/schema.ts'
import { granulesRead } from './granules-read.ts'
import { install, remove, type Installation } from './installation.ts'
import { collectorTables, legacyLogTable } from './opentelemetry-tables.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1_000)
const lastMinute = 'toStartOfMinute(ts) >= toStartOfMinute(now64(3) - 60) AND ts > now64(3) - 60'

describe('over the tables of the OpenTelemetry collector', () => {
  let installation: Installation
  const resource = {
    ServiceName: 'checkout',
    ResourceAttributes: { 'deployment.environment.name': 'prod', 'service.instance.id': 'checkout-7' },
  }
  const at = new Date('2026-07-08T09:10:11.123Z')

  beforeAll(async () => {
    installation = await install(collectorTables, 'opentelemetry.sql')
  })
  afterAll(() => remove(installation))

  test('every canonical relation is there with every column', async () => {
    expect(await checkCanonicalRelations(installation.views)).toBeUndefined()
  })

  test('a server span is an execution, an inner span is none', async () => {
    const span = { ...resource, Timestamp: at, TraceId: 't1', SpanName: 'POST /pay', Duration: 250_900_000 }
    await installation.source.insert('otel_traces', [
      {
        ...span,
        SpanId: 's1',
        SpanKind: 'Server',
        StatusCode: 'Error',
        StatusMessage: 'declined',
        SpanAttributes: { 'payment.type': 'card' },
      },
      {
        ...span,
        SpanId: 's2',
        SpanKind: 'Consumer',
        StatusCode: 'Unset',
        ResourceAttributes: { 'host.name': 'h' },
      },
      { ...span, SpanId: 's3', SpanKind: 'Client', StatusCode: 'Error' },
    ])
    const shared = {
      app: 'checkout',
      route: 'POST /pay',
      ts: at.toISOString(),
      duration_ms: 250,
      correlation_id: 't1',
    }
    const ingested_at = new Date(at.getTime() + 250).toISOString()
    expect(await installation.views.query('SELECT * FROM executions ORDER BY exec_id')).toEqual([
      {
        ...shared,
        environment: 'prod',
        agent: 'checkout-7',
        status: 'FAILED',
        exec_id: 't1/s1',
        error: 'declined',
        attributes: { 'payment.type': 'card' },
        ingested_at,
      },
      {
        ...shared,
        environment: 'default',
        agent: 'h',
        status: 'COMPLETED',
        exec_id: 't1/s2',
        error: '',
        attributes: {},
        ingested_at,
      },
    ])
  })

  test('a log line keeps its level, by number or else by text', async () => {
    const line = { ...resource, Timestamp: at, ScopeName: 'com.shop.Pay' }
    await installation.source.insert('otel_logs', [
      { ...line, Body: 'a', SeverityNumber: 17, SeverityText: 'whatever' },
      { ...line, Body: 'b', SeverityNumber: 0, SeverityText: 'Warning' },
      { ...line, Body: 'c', SeverityNumber: 0, SeverityText: '' },
      { ...line, Body: 'd', SeverityNumber: 6, SeverityText: 'ERROR' },
    ])
    const lines = await installation.views.query<{ message: string; level: string }>(
      'SELECT * FROM logs ORDER BY message',
    )
    expect(lines.map(({ message, level }) => message + level)).toEqual(['aERROR', 'bWARN', 'cINFO', 'dDEBUG'])
    expect(lines[0]).toMatchObject({
      environment: 'prod',
      app: 'checkout',
      agent: 'checkout-7',
      logger: 'com.shop.Pay',
      ts: at.toISOString(),
    })
    const severe = await installation.views.query(
      "SELECT message FROM logs WHERE level >= 'WARN' ORDER BY message",
    )
    expect(severe).toEqual([{ message: 'a' }, { message: 'b' }])
  })

  test('gauges and sums of the JVM are its metrics, and agents live as long as any metric comes', async () => {
    const sample = { ...resource, MetricName: 'jvm.memory.used', Value: 5, TimeUnix: secondsAgo(10) }
    const other = (id: string) => ({ ResourceAttributes: { 'service.instance.id': id } })
    await installation.source.insert('otel_metrics_sum', [
      sample,
      { ...sample, ...other('late'), TimeUnix: secondsAgo(200) },
    ])
    await installation.source.insert('otel_metrics_gauge', [
      { ...sample, MetricName: 'jvm.cpu.recent_utilization', Value: 0.5 },
      { ...sample, MetricName: 'http.server.active_requests' },
      { ...sample, ...other('silent'), TimeUnix: secondsAgo(4_000) },
    ])
    const metrics = await installation.views.query(
      `SELECT metric, value, agent FROM jvm_metrics WHERE ${lastMinute} ORDER BY metric`,
    )
    expect(metrics).toEqual([
      { metric: 'jvm.cpu.recent_utilization', value: 0.5, agent: 'checkout-7' },
      { metric: 'jvm.memory.used', value: 5, agent: 'checkout-7' },
    ])
    const agents = await installation.views.query(
      'SELECT agent, state, toInt32(now64(3) - ts > 0) AS past FROM agents ORDER BY agent',
    )
    expect(agents).toEqual([
      { agent: 'checkout-7', state: 'LIVE', past: 1 },
      { agent: 'late', state: 'STALE', past: 1 },
      { agent: 'silent', state: 'DEAD', past: 1 },
    ])
  })

  test('it knows no deployments and says so with no rows', async () => {
    expect(await installation.views.query('SELECT * FROM deployments')).toEqual([])
  })

  // The collector lays out its metrics by the whole of their attributes: of those, only days can be skipped.
  test('a bound on the minute reads the newest granules or days only, through every view', async () => {
    const fill = (table: string, columns: string, values: string, time: string) =>
      installation.source.command(
        `INSERT INTO ${table} (ServiceName, ${time}, ${columns})
         SELECT toString(number % 5), now64(9) - number, ${values} FROM numbers(400000)`,
      )
    await fill('otel_traces', 'SpanKind, SpanName', "'Server', 'GET /'", 'Timestamp')
    await fill('otel_logs', 'Body', "'x'", 'Timestamp')
    await fill('otel_metrics_sum', 'MetricName, Value', "'jvm.x', 1", 'TimeUnix')
    for (const view of ['executions', 'logs', 'jvm_metrics']) {
      const { read, total } = await granulesRead(
        installation.views,
        `SELECT count() FROM ${view} WHERE ${lastMinute}`,
      )
      expect(read, view).toBeLessThan(total / 2)
    }
  })
})

test('log tables of older collectors give the same answers', async () => {
  const tables = [legacyLogTable, ...collectorTables]
  const installation = await install(tables, 'opentelemetry.sql')
  try {
    await installation.source.insert('otel_logs', [
      { Timestamp: '2026-01-01 00:00:00.5', Body: 'old', SeverityNumber: 21, ServiceName: 's' },
    ])
    expect(await installation.views.query('SELECT ts, level, message FROM logs')).toEqual([
      { ts: '2026-01-01T00:00:00.500Z', level: 'ERROR', message: 'old' },
    ])
  } finally {
    await remove(installation)
  }
})
