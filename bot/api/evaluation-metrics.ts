import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Database } from '#db/client.ts'
import { listTallies } from '#db/repositories/evaluation-kinds.ts'
import { listShards } from '#db/repositories/evaluation-shards.ts'
import { durationBounds, type KindTally } from '#engine/rule/evaluation-tally.ts'

/**
 * How rules are evaluated. Workers count in rows, in the transaction of each slot, so that any process answers for all of
 * them. Names as in seed 004.
 */
export function registerEvaluationMetrics(registry: Registry, db: Database): void {
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
  registry.registerMetric(new StoredHistogram(db))
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

/** Its observations were counted by whoever made them. */
class StoredHistogram extends Histogram<'kind'> {
  private readonly db: Database

  constructor(db: Database) {
    super({
      name: 'alerting_eval_duration_seconds',
      help: 'How long a batch of one kind took to be asked about and judged',
      labelNames: ['kind'],
      buckets: [...durationBounds],
      registers: [],
    })
    this.db = db
  }

  override async get() {
    const empty = await super.get()
    return { ...empty, values: (await listTallies(this.db)).flatMap((tally) => samplesOf(empty.name, tally)) }
  }
}

function samplesOf(name: string, { kind, batches, seconds, batchesWithin }: KindTally) {
  return [
    ...durationBounds.map((le, index) => ({
      metricName: `${name}_bucket`,
      exemplar: null,
      labels: { le, kind },
      value: batchesWithin[index] ?? 0,
    })),
    { metricName: `${name}_bucket`, exemplar: null, labels: { le: '+Inf' as const, kind }, value: batches },
    { metricName: `${name}_sum`, exemplar: null, labels: { kind }, value: seconds },
    { metricName: `${name}_count`, exemplar: null, labels: { kind }, value: batches },
  ]
}
