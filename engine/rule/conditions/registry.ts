import type { Facts } from '#engine/facts.ts'
import type { ConditionDefinition } from '#engine/rule/condition.ts'
import { type AgentState, agentState } from './agent-state.ts'
import { type DeploymentState, deploymentState } from './deployment-state.ts'
import { type ElasticsearchHealth, elasticsearchHealth } from './elasticsearch-health.ts'
import { type ElasticsearchShards, elasticsearchShards } from './elasticsearch-shards.ts'
import { type ElasticsearchStorage, elasticsearchStorage } from './elasticsearch-storage.ts'
import { type ExchangeMatch, exchangeMatch } from './exchange-match.ts'
import { type Gateway4xx, gateway4xx } from './gateway-4xx.ts'
import { type Http5xx, http5xx } from './http-5xx.ts'
import { type JvmMetric, jvmMetric } from './jvm-metric.ts'
import { type LogPattern, logPattern } from './log-pattern.ts'
import { type PodFailure, podFailure } from './pod-failure.ts'
import { type RouteMetric, routeMetric } from './route-metric.ts'

interface ConditionByKind {
  ROUTE_METRIC: RouteMetric
  LOG_PATTERN: LogPattern
  EXCHANGE_MATCH: ExchangeMatch
  JVM_METRIC: JvmMetric
  AGENT_STATE: AgentState
  DEPLOYMENT_STATE: DeploymentState
  ELASTICSEARCH_HEALTH: ElasticsearchHealth
  ELASTICSEARCH_STORAGE: ElasticsearchStorage
  ELASTICSEARCH_SHARDS: ElasticsearchShards
  HTTP_5XX: Http5xx
  GATEWAY_4XX: Gateway4xx
  POD_FAILURE: PodFailure
}

export type ConditionKind = keyof ConditionByKind

export type Condition = ConditionByKind[ConditionKind]

/** Every kind there is. A new kind is a file beside this one, a line above, and a line here; the compiler lists the rest. */
export const conditionDefinitions: {
  readonly [K in ConditionKind]: ConditionDefinition<ConditionByKind[K]>
} = {
  ROUTE_METRIC: routeMetric,
  LOG_PATTERN: logPattern,
  EXCHANGE_MATCH: exchangeMatch,
  JVM_METRIC: jvmMetric,
  AGENT_STATE: agentState,
  DEPLOYMENT_STATE: deploymentState,
  ELASTICSEARCH_HEALTH: elasticsearchHealth,
  ELASTICSEARCH_STORAGE: elasticsearchStorage,
  ELASTICSEARCH_SHARDS: elasticsearchShards,
  HTTP_5XX: http5xx,
  GATEWAY_4XX: gateway4xx,
  POD_FAILURE: podFailure,
}

export const conditionKinds = Object.keys(conditionDefinitions) as readonly ConditionKind[]

/** What templates may say of the alerts of some kind or other. */
export const everyVariable: Facts = Object.assign(
  {},
  ...Object.values(conditionDefinitions).map(({ variables }) => variables),
)

export function isConditionKind(kind: unknown): kind is ConditionKind {
  return typeof kind === 'string' && Object.hasOwn(conditionDefinitions, kind)
}

/** The definition of a condition's own kind: TypeScript cannot see that the two belong together, so it is said once, here. */
export function definitionOf<C extends Condition>(condition: C): ConditionDefinition<C> {
  return conditionDefinitions[condition.kind] as unknown as ConditionDefinition<C>
}
