import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canonicalRelations } from '#workers/telemetry/relations.ts'
import { checkCanonicalRelations, createCanonicalTables } from '#workers/telemetry/schema.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import { openEmbeddedHouse, type EmbeddedHouse } from './embedded-house.ts'
import { granulesRead } from './granules-read.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let house: EmbeddedHouse
let store: TelemetryStore
let url: string

beforeAll(async () => {
  house = await openEmbeddedHouse()
  url = (await house.start()).url
  store = openTelemetryStore({ url })
  await Promise.all([createCanonicalTables(store), createCanonicalTables(store)])
})

afterAll(async () => {
  await store.close()
  await house.close()
})

describe('the tables of the embedded store', () => {
  test('are created once however often asked, and pass the check', async () => {
    await createCanonicalTables(store)
    expect(await checkCanonicalRelations(store)).toBeUndefined()
  })

  test('number their rows, also those that were made before they did', async () => {
    await store.command('CREATE DATABASE older')
    const older = openTelemetryStore({ url, database: 'older' })
    await createCanonicalTables(older)
    await older.command('ALTER TABLE executions RESET SETTING enable_block_number_column')
    const numbered = () =>
      older.query(
        "SELECT name FROM system.tables WHERE database = 'older' AND engine_full LIKE '%enable_block_number_column = 1%'",
      )
    expect(await numbered()).toHaveLength(4)
    await createCanonicalTables(older)
    expect(await numbered()).toHaveLength(5)
    await older.close()
  })

  test('have exactly the documented columns', async () => {
    for (const [relation, { columns }] of Object.entries(canonicalRelations)) {
      const found = await store.query<{ name: string; type: string }>(
        'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {relation:String}',
        { relation },
      )
      expect(found).toEqual(Object.entries(columns).map(([name, { type }]) => ({ name, type })))
    }
  })

  test('take a row with dates and give it back, stamped with the time of arrival', async () => {
    const ts = new Date(Date.now() - 60_000)
    const before = Date.now()
    const row = {
      environment: 'prod',
      app: 'orders',
      route: 'pay',
      agent: 'a-1',
      status: 'FAILED',
      duration_ms: 12,
    }
    const rest = {
      exec_id: 'e1',
      correlation_id: 'c1',
      error: 'Broken "pipe"',
      attributes: { 'payment.type': 'card' },
    }
    await store.insert('executions', [{ ...row, ...rest, ts }])
    const [found] = await store.query<{ ingested_at: string }>(
      'SELECT * FROM executions WHERE ts = {ts:DateTime64(3)} AND attributes[{key:String}] = {value:String}',
      { ts, key: 'payment.type', value: 'card' },
    )
    expect(found).toEqual({
      ...row,
      ...rest,
      ts: ts.toISOString(),
      ingested_at: expect.any(String) as string,
    })
    expect(Date.parse(found?.ingested_at ?? '')).toBeGreaterThanOrEqual(before - 1_000)
  })

  test('order log levels by severity and refuse a level that is none', async () => {
    const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']
    const lines = levels.map((level) => ({
      environment: 'prod',
      app: 'orders',
      agent: 'a',
      level,
      ts: new Date(),
      message: level,
    }))
    await store.insert('logs', lines)
    const severe = await store.query<{ level: string }>(
      "SELECT level FROM logs WHERE level >= 'WARN' ORDER BY level",
    )
    expect(severe.map(({ level }) => level)).toEqual(['WARN', 'ERROR'])
    await expect(store.insert('logs', [{ ...lines[0], level: 'LOUD' }])).rejects.toThrow(/refused the query/)
  })

  test('are read by the minute: a bound on the minute skips all other granules', async () => {
    await store.command(
      `INSERT INTO jvm_metrics (environment, app, agent, metric, value, ts)
       SELECT 'prod', toString(number % 10), 'a', 'cpu', 1, now64(3) - number / 10 FROM numbers(500000)`,
    )
    const recent = `toStartOfMinute(ts) >= toStartOfMinute(now64(3) - 60) AND ts > now64(3) - 60`
    const { read, total } = await granulesRead(store, `SELECT count() FROM jvm_metrics WHERE ${recent}`)
    expect(total).toBeGreaterThan(50)
    expect(read).toBeLessThanOrEqual(4)
  })
})

describe('the check of a database that is not ours', () => {
  test('names what is missing and where to find out how to create it', async () => {
    await store.command('CREATE DATABASE partly')
    const partly = openTelemetryStore({ url, database: 'partly' })
    try {
      await partly.command(
        'CREATE TABLE agents (environment String, app String, state UInt8) ENGINE = MergeTree ORDER BY app',
      )
      const advice = await checkCanonicalRelations(partly)
      expect(advice).toContain('there is no table or view executions')
      expect(advice).toContain('agents has no column ts (When it was in this state)')
      expect(advice).toContain(
        "agents.state is UInt8 and should be like Enum8('LIVE' = 1, 'STALE' = 2, 'DEAD' = 3)",
      )
      expect(advice).not.toContain('agents has no column app')
      expect(advice).toContain('manifests/telemetry/README.md')
    } finally {
      await partly.close()
    }
  })

  test('recognises the tables of the OpenTelemetry collector and names its preset', async () => {
    await store.command('CREATE DATABASE empty')
    await store.command('CREATE TABLE otel_logs (Body String) ENGINE = MergeTree ORDER BY Body')
    const empty = openTelemetryStore({ url, database: 'empty' })
    try {
      expect(await checkCanonicalRelations(empty)).toContain('apply manifests/telemetry/opentelemetry.sql')
    } finally {
      await empty.close()
    }
  })
})
