import type { AgentsQuestion, DeploymentsQuestion } from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Figure } from '../figures.ts'
import type { Ground } from './ground.ts'
import { appCount } from './rows.ts'
import { tenfoldOfQuestions } from './tenfold.ts'

const agentsOfEach = 5
const deploymentsOfEach = 3

/** A thousand agents that report every 15 s, and some hundred deployments that changed now and then. */
async function insertReports(store: TelemetryStore, until: Date): Promise<void> {
  const agents = appCount * agentsOfEach
  const at = (ms: string) => `fromUnixTimestamp64Milli(toInt64(${until.getTime()} - ${ms}), 'UTC')`
  await store.command(
    `INSERT INTO agents (environment, app, agent, state, ts, ingested_at)
     SELECT 'prod', concat('app-', toString(number % ${appCount})), concat('agent-', toString(intDiv(number, ${appCount}) % ${agentsOfEach})),
       if(rand(1) % 50 = 0, 'STALE', 'LIVE'), ${at(`intDiv(number, ${agents}) * 15000 - number % 7001`)} AS ts, ts + toIntervalMillisecond(200)
     FROM numbers(${agents * 240}) SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0`,
  )
  const deployments = appCount * deploymentsOfEach
  await store.command(
    `INSERT INTO deployments (environment, app, deployment, state, version, ts, ingested_at)
     SELECT 'prod', concat('app-', toString(number % ${appCount})), concat('deployment-', toString(intDiv(number, ${appCount}) % ${deploymentsOfEach})),
       ['STARTING', 'RUNNING', 'DEGRADED', 'FAILED'][1 + rand(1) % 4], toString(intDiv(number, ${deployments})),
       ${at(`intDiv(number, ${deployments}) * 7000000 - rand(2) % 6000000`)} AS ts, ts + toIntervalMillisecond(200)
     FROM numbers(${deployments * 30}) SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0`,
  )
}

/** Half of them about an app, a quarter about one of its agents, the others about all. */
function agentQuestions(count: number): AgentsQuestion[] {
  return Array.from({ length: count }, (_, index) => ({
    about: 'agents',
    environment: 'prod',
    ...(index % 4 > 0 && { app: `app-${(index * 7) % appCount}` }),
    ...(index % 4 === 1 && { agent: `agent-${index % agentsOfEach}` }),
    windowSeconds: 0,
  }))
}

function deploymentQuestions(count: number): DeploymentsQuestion[] {
  return Array.from({ length: count }, (_, index) => ({
    about: 'deployments',
    environment: 'prod',
    ...(index % 4 > 0 && { app: `app-${(index * 7) % appCount}` }),
    windowSeconds: 0,
  }))
}

export async function standingFigures(ground: Ground): Promise<Figure[]> {
  const store = await ground.database('standings')
  const until = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  await insertReports(store, until)
  return [
    ...(await tenfoldOfQuestions(ground, store, until, {
      what: 'AGENT_STATE',
      questions: agentQuestions,
      isWatched: true,
    })),
    ...(await tenfoldOfQuestions(ground, store, until, {
      what: 'DEPLOYMENT_STATE',
      questions: deploymentQuestions,
      isWatched: true,
    })),
  ]
}
