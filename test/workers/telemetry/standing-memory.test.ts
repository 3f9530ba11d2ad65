import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Question, Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice } from '#test/harness/dice.ts'
import { promptRows } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry
let reader: Telemetry
/** How often all that is within reach was read; only what came lately, or a few again, does not count. */
let wholeReads = 0
let now = 0
const start = Math.floor(Date.now() / 60_000) * 60_000

beforeEach(async () => {
  telemetry = await testTelemetry()
  wholeReads = 0
  now = start
  const store = {
    ...telemetry.store,
    query: <Row>(sql: string, params?: Record<string, unknown>) => {
      if (sql.startsWith('WITH latest') && !sql.includes(') IN ((')) wholeReads += 1
      return telemetry.store.query<Row>(
        sql.replaceAll('now64(3)', `fromUnixTimestamp64Milli(toInt64(${now}))`),
        params,
      )
    },
  }
  reader = clickHouseTelemetry(store, { lateness: promptRows })
})
afterEach(() => telemetry.close())

interface Report {
  readonly name: string
  readonly state: string
  readonly agoMs: number
  readonly lagMs?: number
  readonly environment?: string
  readonly app?: string
}

let versions = 0

/** `lagMs`: for so long it was not visible after it was stamped. */
async function report(...reports: readonly Report[]): Promise<void> {
  const rows = reports.map(({ name, state, agoMs, lagMs = 0, environment = 'prod', app = 'orders' }) => ({
    environment,
    app,
    name,
    state,
    ts: new Date(now - agoMs),
    ingested_at: new Date(now - lagMs),
  }))
  await telemetry.store.insert(
    'agents',
    rows.map(({ name, ...row }) => ({ ...row, agent: name })),
  )
  await telemetry.store.insert(
    'deployments',
    rows.map(({ name, ...row }) => ({ ...row, deployment: name, version: `v${(versions += 1)}` })),
  )
}

const hour = 3_600_000
const questions = (about: 'agents' | 'deployments'): Question[] => [
  { about, environment: 'prod', windowSeconds: 0 },
  { about, environment: 'test', windowSeconds: 0 },
  { about, environment: 'prod', app: 'orders', windowSeconds: 0 },
  { about, environment: 'prod', app: 'payments', agent: 'a-2', windowSeconds: 0 },
]

describe.each(['agents', 'deployments'] as const)('what is remembered of %s', (about) => {
  test.each([1, 2])(
    'is what the store says of all reports, however they come (%i)',
    async (seed) => {
      const roll = dice(seed)
      const pick = <T>(choices: readonly T[]) => choices[roll(choices.length)] as T
      const watch = reader.watch(questions(about))
      for (let step = 0; step < 30; step += 1) {
        const some = Array.from({ length: roll(12) }, () => ({
          name: `a-${roll(5)}`,
          state: pick(['LIVE', 'LIVE', 'LIVE', 'STALE', 'DEAD']),
          agoMs: pick([0, 0, 1, 1000, 1000, 5000, 30_000, hour, 23 * hour, -1000, -20_000, -2 * hour]),
          lagMs: pick([0, 0, 7, 5000, 300_000]),
          environment: pick(['prod', 'prod', 'test']),
          app: pick(['orders', 'payments', '']),
        }))
        await report(...some)
        const at = new Date(now)
        expect(await watch.ask(at), `step ${step}`).toEqual(await reader.ask(questions(about), at))
        now += pick([5000, 5000, 5000, 60_000, hour / 2, 5 * hour])
      }
      watch.close()
    },
    90_000,
  )
})

test('agents that report all the time are read whole once, and then only what came', async () => {
  const everyone = (agoMs: number) =>
    Array.from({ length: 30 }, (_, index) => ({ name: `a-${index}`, state: 'LIVE', agoMs }))
  for (let minute = 0; minute < 180; minute += 30) await report(...everyone(minute * 60_000))
  const watch = reader.watch(questions('agents'))
  for (let slot = 0; slot < 20; slot += 1) {
    now += 15_000
    await report(...everyone(500))
    const [answer] = await watch.ask(new Date(now), [0])
    expect(answer?.about === 'agents' && answer.agents.map(({ since }) => start - since.getTime())).toEqual(
      Array.from({ length: 30 }, () => 150 * 60_000),
    )
  }
  expect(wholeReads).toBe(1)
  await report({ name: 'a-7', state: 'DEAD', agoMs: 10 })
  const [answer] = await watch.ask(new Date(now), [0])
  expect(answer?.about === 'agents' && answer.agents.find(({ agent }) => agent === 'a-7')).toMatchObject({
    state: 'DEAD',
    since: new Date(now - 10),
  })
  expect(wholeReads).toBe(1)
  now += hour
  await watch.ask(new Date(now), [0])
  expect(wholeReads).toBe(2)
})

test('where rows do not say when they came, the store is asked every time', async () => {
  await report({ name: 'a-1', state: 'LIVE', agoMs: 1000, lagMs: 1000 })
  const watch = reader.watch(questions('agents'))
  for (let slot = 0; slot < 3; slot += 1) {
    now += 5000
    await report({ name: 'a-1', state: 'DEAD', agoMs: 60, lagMs: 60 })
    const [answer] = await watch.ask(new Date(now), [0])
    expect(answer).toMatchObject({ agents: [{ agent: 'a-1', state: 'DEAD' }] })
  }
  expect(wholeReads).toBe(4)
})
