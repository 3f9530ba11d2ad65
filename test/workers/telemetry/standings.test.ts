import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { promptRows } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry
let reader: Telemetry
let queries = 0
const end = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const choose = <T>(choices: readonly T[], index: number) => choices[index % choices.length] as T
const before = (seconds: number) => new Date(end.getTime() - seconds * 1000)

interface Report {
  readonly environment: string
  readonly app: string
  readonly name: string
  readonly state: string
  readonly version: string
  readonly ts: Date
  readonly ingested_at: Date
}

/** Prime strides; runs of states, reports at one instant that contradict each other, rows of the future and of long ago. */
const reports: Report[] = Array.from({ length: 1200 }, (_, index) => {
  const seconds = choose([-30, 0, 15, 15, 30, 45, 600, 3600, 86_399, 86_400, 2_591_999, 2_600_000], index * 7)
  return {
    environment: choose(['prod', 'prod', 'test'], Math.floor(index / 5)),
    app: choose(['orders', "it's", ''], Math.floor(index / 11)),
    name: choose(['a-1', 'a-2', 'a-3', 'a-4'], Math.floor(index / 13)),
    state: choose(['LIVE', 'LIVE', 'STALE', 'DEAD'], Math.floor(index / 17)),
    version: `v${index}`,
    ts: before(seconds),
    ingested_at: before(seconds - (index % 3)),
  }
})

beforeAll(async () => {
  telemetry = await testTelemetry()
  const rows = reports.map(({ name, version, ...row }) => ({
    ...row,
    agent: name,
    deployment: name,
    version,
  }))
  await telemetry.store.insert(
    'agents',
    rows.map(({ deployment: _deployment, version: _version, ...row }) => row),
  )
  await telemetry.store.insert(
    'deployments',
    rows.map(({ agent: _agent, ...row }) => row),
  )
  const query: typeof telemetry.store.query = (...asked) => {
    queries += 1
    return telemetry.store.query(...asked)
  }
  reader = clickHouseTelemetry({ ...telemetry.store, query }, { lateness: promptRows })
})
afterAll(() => telemetry.close())

interface Asked {
  readonly environment: string
  readonly app?: string
  readonly agent?: string
}

/** Every report in the order of time, remembering since when the state is what it is, and for how long at most. */
function found(asked: Asked, reachSeconds: number, longestSeconds: number) {
  const order = (report: Report) => `${report.ts.toISOString()} ${report.ingested_at.toISOString()}`
  const standings = new Map<string, { app: string; name: string; state: string; since: Date; of: Report[] }>()
  const seen = reports
    .filter(({ environment, app, name, ts }) => {
      const isThere = asked.environment === environment && ts <= end && ts > before(reachSeconds)
      return isThere && (asked.app ?? app) === app && (asked.agent ?? name) === name
    })
    .toSorted((one, other) => {
      const [first, second] = [`${order(one)} ${one.state}`, `${order(other)} ${other.state}`]
      return first < second ? -1 : first > second ? 1 : 0
    })
  for (const report of seen) {
    const { app, name, state, ts } = report
    const known = standings.get(`${app} ${name}`)
    const isSame = known?.state === state
    const of = known && isSame ? [...known.of, report] : [report]
    standings.set(`${app} ${name}`, { app, name, state, since: isSame ? known.since : ts, of })
  }
  const longest = before(longestSeconds)
  return [...standings.values()]
    .map((standing) => ({ ...standing, since: standing.since < longest ? longest : standing.since }))
    .toSorted((one, other) => (`${one.app}\0${one.name}` < `${other.app}\0${other.name}` ? -1 : 1))
}

const asked: Asked[] = [
  { environment: 'prod' },
  { environment: 'test' },
  { environment: 'prod', app: 'orders' },
  { environment: 'test', app: "it's", agent: 'a-2' },
  { environment: 'prod', app: '' },
  { environment: 'prod', app: 'unknown' },
]

test('one query says of every agent what a plain loop over its reports finds', async () => {
  queries = 0
  const answers = await reader.ask(
    asked.map((question) => ({ about: 'agents', windowSeconds: 0, ...question })),
    end,
  )
  expect(queries).toBe(1)
  expect(found({ environment: 'prod' }, 86_400, 82_800).length).toBeGreaterThan(8)
  expect(answers).toEqual(
    asked.map((question) => ({
      about: 'agents',
      at: end,
      agents: found(question, 86_400, 82_800).map(({ app, name, state, since }) => ({
        app,
        agent: name,
        state,
        since,
      })),
    })),
  )
})

test('and of every deployment, within thirty days', async () => {
  queries = 0
  const apps = asked.filter(({ agent }) => agent === undefined)
  const answers = await reader.ask(
    apps.map((question) => ({ about: 'deployments', windowSeconds: 0, ...question })),
    end,
  )
  expect(queries).toBe(1)
  expect(answers).toEqual(
    apps.map((question) => ({
      about: 'deployments',
      at: end,
      deployments: found(question, 30 * 86_400, 29 * 86_400).map(({ app, name, state, since, of }) => {
        const last = of.at(-1)
        // Of several rows at one instant any is the latest.
        const latest = of.filter(
          ({ ts, ingested_at }) =>
            ts.getTime() === last?.ts.getTime() && ingested_at.getTime() === last.ingested_at.getTime(),
        )
        const isLatest = (version: unknown) => latest.some((report) => report.version === version)
        return { app, deployment: name, state, since, version: expect.toSatisfy(isLatest) as string }
      }),
    })),
  )
})

test('where every question names its app only those are read', async () => {
  const narrow = asked.filter(({ app }) => app !== undefined)
  const answers = await reader.ask(
    narrow.map((question) => ({ about: 'agents', windowSeconds: 0, ...question })),
    end,
  )
  expect(answers.map((answer) => (answer.about === 'agents' ? answer.agents.length : -1))).toEqual(
    narrow.map((question) => found(question, 86_400, 82_800).length),
  )
})
