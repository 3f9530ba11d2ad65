import { randomUUID } from 'node:crypto'
import type { Roll } from '#test/harness/dice.ts'

const apps = ['orders', 'payments', '']
const routes = ['pay', 'refund', '']
const statuses = ['COMPLETED', 'COMPLETED', 'FAILED', 'RUNNING']
const durations = [0, 1, 63, 64, 65, 900, 901, 902, 4_000_000_000]

/** Of two environments, three apps, three routes and two agents, of which some have no name. */
export function someExecutions(count: number, instant: () => Date, roll: Roll) {
  return Array.from({ length: count }, () => ({
    environment: roll(5) === 0 ? 'test' : 'prod',
    app: apps[roll(3)],
    route: routes[roll(3)],
    agent: `a-${roll(2)}`,
    status: statuses[roll(4)],
    ts: instant(),
    duration_ms: (durations[roll(9)] ?? 0) + (roll(2) === 0 ? 0 : roll(100)),
    exec_id: randomUUID(),
    correlation_id: '',
  }))
}
