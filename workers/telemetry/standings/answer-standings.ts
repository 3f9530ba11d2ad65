import type {
  AgentsAnswer,
  AgentsQuestion,
  DeploymentsAnswer,
  DeploymentsQuestion,
} from '#engine/telemetry/telemetry.ts'
import { literals } from '#workers/telemetry/literal.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { readStandings } from './read-standings.ts'
import { sinceOf, type Standing } from './standing.ts'
import { agents, deployments, type StandingRelation } from './standing-relation.ts'

export type StandingsQuestion = AgentsQuestion | DeploymentsQuestion

export type StandingsAnswer = AgentsAnswer | DeploymentsAnswer

export function relationOf({ about }: StandingsQuestion): StandingRelation {
  return about === 'agents' ? agents : deployments
}

/** One query for every question, all about one relation: whatever reported in their environments, each with its latest state. */
export async function answerStandings(
  store: TelemetryStore,
  questions: readonly StandingsQuestion[],
  at: Date,
): Promise<StandingsAnswer[]> {
  const [first] = questions
  if (!first) return []
  const relation = relationOf(first)
  const { standings } = await readStandings(store, { relation, at, only: isAskedFor(questions) })
  return answersFrom(standings, questions, at)
}

/** All of the questions are about one relation. */
export function answersFrom(
  standings: readonly Standing[],
  questions: readonly StandingsQuestion[],
  at: Date,
): StandingsAnswer[] {
  const byEnvironment = Map.groupBy(standings, ({ environment }) => environment)
  const byApp = Map.groupBy(standings, ({ environment, app }) => JSON.stringify([environment, app]))
  return questions.map((question) => {
    const { environment, app, agent } = question
    const found =
      app === undefined ? byEnvironment.get(environment) : byApp.get(JSON.stringify([environment, app]))
    const asked = (found ?? []).filter((standing) => agent === undefined || standing.name === agent)
    return question.about === 'agents' ? ofAgents(asked, at) : ofDeployments(asked, at)
  })
}

function ofAgents(standings: readonly Standing[], at: Date): AgentsAnswer {
  const told = standings.map((standing) => {
    const { app, name, state } = standing
    return { app, agent: name, state, since: since(standing, at, agents) }
  })
  return { about: 'agents', at, agents: told }
}

function ofDeployments(standings: readonly Standing[], at: Date): DeploymentsAnswer {
  const told = standings.map((standing) => {
    const { app, name, state, version } = standing
    return { app, deployment: name, state, version, since: since(standing, at, deployments) }
  })
  return { about: 'deployments', at, deployments: told }
}

function since(standing: Standing, at: Date, relation: StandingRelation): Date {
  return new Date(sinceOf(standing, at.getTime(), relation) ?? standing.first)
}

/** Beyond this, looking each row's name up costs more than it spares. */
const mostApps = 200

/** A condition on rows: that any of the questions is about them. */
export function isAskedFor(questions: readonly StandingsQuestion[]): string {
  const environments = [...new Set(questions.map(({ environment }) => environment))]
  const apps = [...new Set(questions.map(({ app }) => app))]
  const named = apps.filter((app) => app !== undefined)
  const isNarrow = named.length === apps.length && apps.length <= mostApps
  return `environment IN (${literals(environments)})${isNarrow ? ` AND app IN (${literals(named)})` : ''}`
}
