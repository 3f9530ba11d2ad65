import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDemo } from '#workers/demo/feed.ts'
import { relations } from '#workers/demo/rows.ts'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '#workers/telemetry/embedded-store.ts'
import { buildWorld } from '#workers/demo/world.ts'
import { createCanonicalTables } from '#workers/telemetry/schema.ts'
import { type TelemetryStore, openTelemetryStore } from '#workers/telemetry/store.ts'
import { severableLink } from '#test/harness/severable-link.ts'

let folder: string
let engine: EmbeddedClickHouse
let store: TelemetryStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-'))
  engine = await startEmbeddedClickHouse({ folder })
  store = openTelemetryStore({ url: engine.url })
  await createCanonicalTables(store)
}, 60_000)

afterAll(async () => {
  await store?.close()
  await engine?.stop()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

function listen() {
  const reports: string[] = []
  const errors: unknown[] = []
  return {
    reports,
    errors,
    options: {
      world: buildWorld(Date.now()),
      clock: () => new Date(),
      report: (line: string) => void reports.push(line),
      onError: (error: unknown) => void errors.push(error),
    },
  }
}

async function askOne<Row>(sql: string): Promise<Row> {
  const [row] = await store.query<Row>(sql)
  return row!
}

const latest = async () =>
  Number((await askOne<{ at: string }>('SELECT toUnixTimestamp64Milli(max(ts)) AS at FROM executions')).at)

interface Tally {
  readonly rows: string
  readonly ids: string
  readonly widestGapMs: number
}

/** Every execution once, and never a second or two without one. */
const tally = () =>
  askOne<Tally>(`
    SELECT count() AS rows, uniqExact(exec_id) AS ids,
           arrayMax(arrayDifference(arraySort(groupArray(toUnixTimestamp64Milli(ts)))))::Float64 AS widestGapMs
    FROM executions`)

describe('the demo on the embedded store', { timeout: 60_000 }, () => {
  test('fills in a healthy hour, then writes what happens while it happens', async () => {
    const began = Date.now()
    const { options, reports, errors } = listen()
    const demo = await startDemo({ store, ...options })
    try {
      for (const relation of relations) {
        const { minutes } = await askOne<{ minutes: number }>(
          `SELECT dateDiff('minute', min(ts), now('UTC'))::UInt32 AS minutes FROM ${relation}`,
        )
        expect(minutes, relation).toBeGreaterThanOrEqual(relation === 'deployments' ? 40 : 59)
      }
      const { rows, failed } = await askOne<{ rows: string; failed: string }>(
        `SELECT count() AS rows, countIf(status = 'FAILED') AS failed FROM executions
         WHERE ts < fromUnixTimestamp64Milli(${began}::Int64)`,
      )
      expect(Number(rows)).toBeGreaterThan(100_000)
      expect(Number(failed) / Number(rows)).toBeLessThan(0.01)
      const before = await latest()
      await expect.poll(latest, { timeout: 10_000 }).toBeGreaterThan(before + 2000)
    } finally {
      await demo.close()
    }
    expect(reports).toEqual(['Demo: feeding 5 services in prod; now and then something breaks.'])
    expect(errors).toEqual([])
  })

  test('writes only what is missing when it is started again, and nothing once it is closed', async () => {
    const { options } = listen()
    const before = await latest()
    const demo = await startDemo({ store, ...options })
    await expect.poll(latest, { timeout: 10_000 }).toBeGreaterThan(before)
    await demo.close()
    const { rows, ids, widestGapMs } = await tally()
    expect(rows).toBe(ids)
    expect(widestGapMs).toBeLessThan(2000)
    const { agents } = await askOne<{ agents: string }>(
      'SELECT count() - uniqExact(agent, ts) AS agents FROM agents',
    )
    expect(Number(agents)).toBe(0)
  })

  test('keeps going while the store cannot be reached, says so once, and makes up for it', async () => {
    const link = await severableLink(new URL(engine.url))
    const linked = openTelemetryStore({ url: link.url })
    const { options, reports, errors } = listen()
    link.sever()
    const demo = await startDemo({ store: linked, ...options })
    try {
      expect(errors).toHaveLength(1)
      const before = await latest()
      link.mend()
      await expect.poll(latest, { timeout: 20_000 }).toBeGreaterThan(before)
      await expect.poll(() => reports.at(-1), { timeout: 20_000 }).toMatch(/^Demo: writing again after \d+ s/)

      link.sever()
      await expect.poll(() => errors.length, { timeout: 20_000 }).toBe(2)
      const severed = Date.now()
      // The second and third attempt fail as well, and nobody is told again.
      await expect.poll(() => Date.now() - severed, { timeout: 20_000 }).toBeGreaterThan(3500)
      expect(errors).toHaveLength(2)
      link.mend()
      await expect.poll(latest, { timeout: 20_000 }).toBeGreaterThan(severed + 3000)
    } finally {
      await demo.close()
      await linked.close()
      await link.close()
    }
    const { rows, ids, widestGapMs } = await tally()
    expect(rows).toBe(ids)
    expect(widestGapMs).toBeLessThan(2000)
  })
})
