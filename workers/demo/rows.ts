/** What the demo writes, in the columns of the canonical relations; `ingested_at` is the store's own. */
export interface DemoRows {
  readonly executions: readonly ExecutionRow[]
  readonly logs: readonly LogRow[]
  readonly agents: readonly AgentRow[]
  readonly deployments: readonly DeploymentRow[]
  readonly jvm_metrics: readonly JvmMetricRow[]
}

export type Relation = keyof DemoRows

export const relations = [
  'executions',
  'logs',
  'agents',
  'deployments',
  'jvm_metrics',
] as const satisfies Relation[]

/** Types rather than interfaces: only those count as the plain records that a store takes. */
type Row = {
  readonly environment: string
  readonly app: string
  /** ISO 8601 in UTC, to the millisecond: sorts as text. */
  readonly ts: string
}

export type ExecutionRow = Row & {
  readonly route: string
  readonly agent: string
  readonly status: 'COMPLETED' | 'FAILED'
  readonly duration_ms: number
  readonly exec_id: string
  readonly correlation_id: string
  readonly error: string
  readonly attributes: Readonly<Record<string, string>>
}

export type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'

export type LogRow = Row & {
  readonly agent: string
  readonly level: Level
  readonly logger: string
  readonly message: string
}

export type AgentRow = Row & {
  readonly agent: string
  readonly state: 'LIVE' | 'STALE' | 'DEAD'
}

export type DeploymentRow = Row & {
  readonly deployment: string
  readonly state: 'STARTING' | 'RUNNING' | 'DEGRADED' | 'FAILED'
  readonly version: string
}

export type JvmMetricRow = Row & {
  readonly agent: string
  readonly metric: string
  readonly value: number
}

/** When a row could first be written: an execution starts at its `ts`, but nobody knows of it before it ends. */
export function knownAt(row: DemoRows[Relation][number]): number {
  return Date.parse(row.ts) + ('duration_ms' in row ? row.duration_ms : 0)
}

export function stamp(at: number): string {
  return new Date(at).toISOString()
}
