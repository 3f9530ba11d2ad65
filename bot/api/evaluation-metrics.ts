import { Counter, Gauge, type Registry } from 'prom-client'
import type { Database } from '#db/client.ts'
import { findTickedAt } from '#db/repositories/evaluation-clock.ts'
import { listTallies } from '#db/repositories/evaluation-kinds.ts'
import { listShards } from '#db/repositories/evaluation-shards.ts'
import { listRingChecks } from '#db/repositories/ring-checks.ts'
import { countTroubles } from '#db/repositories/troubled-rules.ts'
import { breakerState, breakerStates } from '#engine/rule/circuit-breaker.ts'
import { durationBounds } from '#engine/rule/evaluation-tally.ts'
import { registerHistogram } from './stored-histogram.ts'

/**
 * How rules are evaluated. Workers count in rows, in the transaction of each slot, so that any process answers for all of
 * them. Names as in seed 004.
 */
export function registerEvaluationMetrics(registry: Registry, db: Database, clock: () => Date): void {
  counter(registry, 'alerting_eval_errors_total', 'Evaluations without an answer, by kind', async () =>
    (await listTallies(db)).map(({ kind, unanswered }) => [{ kind }, unanswered]),
  )
  counter(
    registry,
    'alerting_circuit_opened_total',
    'How often the circuit breaker opened, by kind',
    async () => (await listTallies(db)).map(({ kind, opened }) => [{ kind }, opened]),
  )
  counter(registry, 'alerting_evaluations_total', 'Evaluations by kind and outcome', async () =>
    (await listTallies(db)).flatMap(({ kind, answered, unanswered, skipped }) =>
      Object.entries({ answered, unanswered, skipped }).map(
        ([outcome, amount]) => [{ kind, outcome }, amount] as const,
      ),
    ),
  )
  counter(registry, 'alerting_superseded_slots_total', 'Slots skipped for a newer one, by shard', async () =>
    (await listShards(db)).map(({ shard, superseded }) => [{ shard }, superseded]),
  )
  counter(
    registry,
    'alerting_missed_slots_total',
    'Slots in which nothing was evaluated, by shard',
    async () => (await listShards(db)).map(({ shard, missed }) => [{ shard }, missed]),
  )
  counter(
    registry,
    'alerting_ring_checks_total',
    'How often what is remembered of telemetry was compared with the store, by shard and outcome',
    async () => (await listRingChecks(db)).map(({ shard, outcome, checks }) => [{ shard, outcome }, checks]),
  )
  const lag = new Gauge({
    name: 'alerting_slot_lag_seconds',
    help: 'From the newest slot to when its decisions were kept, by shard',
    labelNames: ['shard'],
    registers: [registry],
    async collect() {
      lag.reset()
      for (const { shard, lagMs } of await listShards(db)) lag.set({ shard }, lagMs / 1000)
    },
  })
  registerHistogram(registry, {
    name: 'alerting_eval_duration_seconds',
    help: 'How long a batch of one kind took to be asked about and judged',
    bounds: durationBounds,
    read: async () =>
      (await listTallies(db)).map(({ kind, batches, seconds, batchesWithin }) => ({
        labels: { kind },
        count: batches,
        sum: seconds,
        within: batchesWithin,
      })),
  })
  registerState(registry, db, clock)
}

/** How it is now; what grows is counted above. */
function registerState(registry: Registry, db: Database, clock: () => Date): void {
  const circuit = new Gauge({
    name: 'alerting_circuit_state',
    help: '1 for the state the circuit breaker of a kind is in',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      circuit.reset()
      for (const { kind, breaker } of await listTallies(db)) {
        const now = breakerState(breaker, clock().getTime())
        for (const state of breakerStates) circuit.set({ kind, state }, Number(state === now))
      }
    },
  })
  const troubled = new Gauge({
    name: 'alerting_rules_unanswered',
    help: 'Rules that got no answer the last time',
    registers: [registry],
    async collect() {
      troubled.set(await countTroubles(db))
    },
  })
  const tick = new Gauge({
    name: 'alerting_last_tick_age_seconds',
    help: 'How long ago due rules were looked for; more than a minute: nothing is evaluated. None before the first tick',
    registers: [registry],
    async collect() {
      const tickedAt = await findTickedAt(db)
      if (tickedAt) tick.set(Math.max(0, (clock().getTime() - tickedAt.getTime()) / 1000))
      else tick.reset()
    },
  })
}

type Sample = readonly [labels: Readonly<Record<string, string>>, amount: number]

function counter(
  registry: Registry,
  name: string,
  help: string,
  count: () => Promise<readonly Sample[]>,
): void {
  const metric: Counter = new Counter({
    name,
    help,
    labelNames: ['kind', 'outcome', 'shard'],
    registers: [registry],
    async collect() {
      metric.reset()
      for (const [labels, amount] of await count()) metric.inc(labels, amount)
    },
  })
}
