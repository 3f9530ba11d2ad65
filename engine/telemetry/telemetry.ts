import type { LabelSelector } from '#engine/kubernetes/label-selector.ts'
import type { JobFacts, WatchedPod } from '#engine/kubernetes/pod-facts.ts'
import type { ElasticsearchAnswer, ElasticsearchQuestion } from './elasticsearch.ts'
import type { ExchangeFilter } from './exchanges.ts'

/**
 * What rules ask of telemetry, as pure descriptions. A reader answers many at once; how it shares scans between them
 * is its own business. Windows are half-open towards the past: (at − windowSeconds, at].
 */
export interface Telemetry {
  /** Answers for one instant, in the order of the questions. Throws TelemetryUnavailable when their store cannot be asked at all. */
  ask(questions: readonly Question[], at: Date): Promise<readonly Answer[]>
  /** Prepares questions that are asked again and again: what can be made ready once, or remembered between asks, is. */
  watch(questions: readonly Question[]): Watch
  /** The same question asked for many instants, for pictures and previews; only of stores that know their past. */
  trace(question: Question, slots: Slots): Promise<readonly Answer[]>
  /** What its store has against a question, where it can say so beforehand. Throws TelemetryUnavailable. */
  objectionTo?(question: Question): Promise<Objection | undefined>
}

export interface Objection {
  /** It would never be answered; otherwise it is merely dear. */
  readonly isRefusal: boolean
  /** Of the question. */
  readonly field: string
  readonly because: string
}

export interface Watch {
  /** As Telemetry.ask, for all of its questions or those with the given numbers, in their order. Answers may be shared: equal questions get the same one. */
  ask(at: Date, which?: readonly number[]): Promise<readonly Answer[]>
  /** Forgets what was remembered for these questions. */
  close(): void
}

export interface Slots {
  readonly from: Date
  readonly stepSeconds: number
  readonly count: number
}

interface WindowQuestion {
  readonly environment: string
  readonly app?: string
  readonly agent?: string
  /** How far back it looks; 0 = at how things stand. */
  readonly windowSeconds: number
}

/**
 * What was measured over a window, twice: up to the instant asked for, where rows may still be on their way, and up to where the
 * store is known to be complete. `settled` is undefined while nobody can say where that is.
 */
export interface Measured<Figures> {
  readonly early: Figures
  readonly settled: Figures | undefined
  /** Why nobody can: the last row came then, of a relation that used to have some all the time. */
  readonly silentSince?: Date
}

export interface ExecutionsQuestion extends WindowQuestion {
  readonly about: 'executions'
  readonly route?: string
  /** Exact quantiles cost memory and time: only who asks for one gets it. */
  readonly withP99?: boolean
}

export interface ExecutionsFigures {
  readonly count: number
  readonly failed: number
  readonly averageDurationMs: number | null
  readonly p99DurationMs: number | null
}

export interface ExecutionsAnswer extends Measured<ExecutionsFigures> {
  readonly about: 'executions'
}

export const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const

type LogLevel = (typeof logLevels)[number]

export interface LogsQuestion extends WindowQuestion {
  readonly about: 'logs'
  readonly levels: readonly LogLevel[]
  /** RE2 syntax, unanchored. */
  readonly pattern: string
}

interface LogsFigures {
  readonly count: number
}

export interface LogsAnswer extends Measured<LogsFigures> {
  readonly about: 'logs'
}

/** Samples of one metric, over all agents unless one is named. */
export interface JvmMetricsQuestion extends WindowQuestion {
  readonly about: 'jvm_metrics'
  readonly metric: string
}

export interface JvmMetricsFigures {
  readonly count: number
  /** All of them null where there are no samples. */
  readonly average: number | null
  readonly maximum: number | null
  readonly minimum: number | null
  /** Of the latest sample; of several at once, that of the agent whose name comes last. */
  readonly last: number | null
}

export interface JvmMetricsAnswer extends Measured<JvmMetricsFigures> {
  readonly about: 'jvm_metrics'
}

/** In which state each agent is at the instant, by its latest report within the last day. */
export interface AgentsQuestion extends WindowQuestion {
  readonly about: 'agents'
}

export interface AgentStanding {
  readonly app: string
  readonly agent: string
  readonly state: string
  /** The first report since when nothing but this state was reported, but no longer ago than 23 h. */
  readonly since: Date
}

export interface AgentsAnswer {
  readonly about: 'agents'
  readonly at: Date
  readonly agents: readonly AgentStanding[]
}

/** In which state each deployment is at the instant, by its latest change within the last 30 days. */
export interface DeploymentsQuestion extends WindowQuestion {
  readonly about: 'deployments'
}

export interface DeploymentStanding {
  readonly app: string
  readonly deployment: string
  readonly state: string
  /** Of the latest row. */
  readonly version: string
  /** As for agents, but no longer ago than 29 days. */
  readonly since: Date
}

export interface DeploymentsAnswer {
  readonly about: 'deployments'
  readonly at: Date
  readonly deployments: readonly DeploymentStanding[]
}

/** How the pods of a cluster are now; every environment's rules look at the same cluster. */
export interface PodsQuestion extends WindowQuestion {
  readonly about: 'pods'
  /** Empty = all of them. */
  readonly namespaces: readonly string[]
  readonly selector: LabelSelector
}

export interface PodsAnswer {
  readonly about: 'pods'
  readonly at: Date
  readonly pods: readonly WatchedPod[]
  readonly jobs: readonly JobFacts[]
}

/** Exchanges that meet a filter; one that was reported twice counts once. */
export interface ExchangesQuestion extends WindowQuestion, ExchangeFilter {
  readonly about: 'exchanges'
}

interface ExchangesFigures {
  readonly count: number
}

export interface ExchangesAnswer extends Measured<ExchangesFigures> {
  readonly about: 'exchanges'
  /** In traces of very many: nobody looked which of them were reported twice. */
  readonly countsReports?: boolean
}

export type Question =
  | ExecutionsQuestion
  | LogsQuestion
  | JvmMetricsQuestion
  | AgentsQuestion
  | DeploymentsQuestion
  | ExchangesQuestion
  | ElasticsearchQuestion
  | PodsQuestion

export type Answer =
  | ExecutionsAnswer
  | LogsAnswer
  | JvmMetricsAnswer
  | AgentsAnswer
  | DeploymentsAnswer
  | ExchangesAnswer
  | ElasticsearchAnswer
  | PodsAnswer

/** Where telemetry is kept. One that is down blinds the rules that look at it, and no others. */
export type Store = 'clickhouse' | 'elasticsearch' | 'kubernetes'

const stores: Record<Question['about'], Store> = {
  executions: 'clickhouse',
  logs: 'clickhouse',
  exchanges: 'clickhouse',
  jvm_metrics: 'clickhouse',
  agents: 'clickhouse',
  deployments: 'clickhouse',
  'cluster-health': 'elasticsearch',
  'node-disks': 'elasticsearch',
  'shard-capacity': 'elasticsearch',
  'http-responses': 'elasticsearch',
  'http-clients': 'elasticsearch',
  pods: 'kubernetes',
}

export function storeOf({ about }: Pick<Question, 'about'>): Store {
  return stores[about]
}

export type Unavailability = 'unreachable' | 'slow' | 'overloaded' | 'refused'

/** The store is at fault, not the question: evaluation keeps its last state and tries again. */
export class TelemetryUnavailable extends Error {
  readonly store: Store
  readonly because: Unavailability

  constructor(store: Store, because: Unavailability, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TelemetryUnavailable'
    this.store = store
    this.because = because
  }
}

/** The question is at fault, or asks for more than the store allows; the message tells whoever made the rule what to do. */
export class Unanswerable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unanswerable'
  }
}

export function slotInstant(slots: Slots, index: number): Date {
  return new Date(slots.from.getTime() + index * slots.stepSeconds * 1000)
}
