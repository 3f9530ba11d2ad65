import type {
  AgentsAnswer,
  AgentsQuestion,
  DeploymentsAnswer,
  DeploymentsQuestion,
} from '#engine/telemetry/telemetry.ts'
import { literals } from './literal.ts'
import { isScanned } from './span.ts'
import type { TelemetryStore } from './store.ts'

const dayMs = 86_400_000

/** Agents report all the time; one that has not for a day is gone. */
const agentsReachMs = dayMs
/** Deployments say only what changes. */
const deploymentsReachMs = 30 * dayMs

type StandingsQuestion = AgentsQuestion | DeploymentsQuestion

interface Standing {
  readonly environment: string
  readonly app: string
  readonly name: string
  readonly state: string
  readonly version: string
  /** Milliseconds; as text, because ClickHouse writes 64 bits so. */
  readonly since: string
}

/** One query for every question: whatever reported in their environments, each with its latest state. */
export async function answerAgents(
  store: TelemetryStore,
  questions: readonly AgentsQuestion[],
  at: Date,
): Promise<AgentsAnswer[]> {
  const relation = { table: 'agents', name: 'agent', version: "''", reachMs: agentsReachMs }
  const of = await standingsOf(store, questions, { relation, at })
  return questions.map((question) => ({
    about: 'agents',
    at,
    agents: of(question).map(({ app, name, state, since }) => ({
      app,
      agent: name,
      state,
      since: new Date(Number(since)),
    })),
  }))
}

export async function answerDeployments(
  store: TelemetryStore,
  questions: readonly DeploymentsQuestion[],
  at: Date,
): Promise<DeploymentsAnswer[]> {
  const relation = {
    table: 'deployments',
    name: 'deployment',
    version: 'version',
    reachMs: deploymentsReachMs,
  }
  const of = await standingsOf(store, questions, { relation, at })
  return questions.map((question) => ({
    about: 'deployments',
    at,
    deployments: of(question).map(({ app, name, state, version, since }) => ({
      app,
      deployment: name,
      state,
      version,
      since: new Date(Number(since)),
    })),
  }))
}

interface Looking {
  readonly relation: {
    readonly table: string
    readonly name: string
    readonly version: string
    readonly reachMs: number
  }
  readonly at: Date
}

async function standingsOf(
  store: TelemetryStore,
  questions: readonly StandingsQuestion[],
  { relation: { table, name, version, reachMs }, at }: Looking,
): Promise<(question: StandingsQuestion) => readonly Standing[]> {
  const where = `${isScanned({ from: at.getTime() - reachMs, to: at.getTime() })}${isAskedFor(questions)}`
  const key = `environment, app, ${name}`
  // As one number: that takes half the time of comparing tuples.
  const order = 'toInt128(toUnixTimestamp64Milli(ts)) * 10000000000000 + toUnixTimestamp64Milli(ingested_at)'
  // Of each state its latest report; the run of the latest state begins after the latest report of any other.
  const standings = await store.query<Standing>(
    `WITH latest AS (SELECT ${key}, arrayReverseSort(groupArray((seen, toString(state)))) AS states, states[1].2 AS current,` +
      ` states[2].1 AS another FROM (SELECT ${key}, state, max(${order}) AS seen` +
      ` FROM ${table} WHERE ${where} GROUP BY ${key}, state) GROUP BY ${key})` +
      ` SELECT environment, app, ${name} AS name, current AS state, argMax(${version}, ${order}) AS version,` +
      ` toString(toUnixTimestamp64Milli(min(ts))) AS since FROM ${table} AS reports INNER JOIN latest USING (${key})` +
      ` WHERE ${where} AND toString(reports.state) = current AND ${order} >= another` +
      ` GROUP BY environment, app, name, current ORDER BY app, name`,
  )
  const byEnvironment = Map.groupBy(standings, ({ environment }) => environment)
  const byApp = Map.groupBy(standings, ({ environment, app }) => JSON.stringify([environment, app]))
  return ({ environment, app, agent }) => {
    const found =
      app === undefined ? byEnvironment.get(environment) : byApp.get(JSON.stringify([environment, app]))
    return (found ?? []).filter((standing) => agent === undefined || standing.name === agent)
  }
}

/** Beyond this, looking each row's name up costs more than it spares. */
const mostApps = 200

function isAskedFor(questions: readonly StandingsQuestion[]): string {
  const environments = [...new Set(questions.map(({ environment }) => environment))]
  const apps = [...new Set(questions.map(({ app }) => app))]
  const named = apps.filter((app) => app !== undefined)
  const isNarrow = named.length === apps.length && apps.length <= mostApps
  return ` AND environment IN (${literals(environments)})${isNarrow ? ` AND app IN (${literals(named)})` : ''}`
}
