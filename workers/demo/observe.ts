import { observeAgents } from './agents.ts'
import { observeBackgroundLogs } from './background-logs.ts'
import { observeDeployments } from './deployments.ts'
import type { Seed } from './dice.ts'
import { observeJvm } from './jvm.ts'
import type { DemoRows } from './rows.ts'
import type { Span } from './span.ts'
import { observeTraffic } from './traffic.ts'
import type { World } from './world.ts'

/**
 * What the world showed in a span of time, as the rows its monitoring would have written.
 * Pure: one hour at once gives the same rows as second by second, and again after a restart.
 */
export function observe(world: World, span: Span, seed: Seed): DemoRows {
  const { executions, logs } = observeTraffic(world, span, seed)
  return {
    executions,
    logs: [...logs, ...observeBackgroundLogs(world, span, seed)],
    agents: observeAgents(world, span, seed),
    deployments: observeDeployments(world, span),
    jvm_metrics: observeJvm(world, span, seed),
  }
}
