import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Seed } from './dice.ts'
import { observe } from './observe.ts'
import { type DemoRows, type Relation, knownAt, relations } from './rows.ts'
import type { Span } from './span.ts'
import type { World } from './world.ts'

export type DemoStore = Pick<TelemetryStore, 'query' | 'insert'>

const historyMs = 3_600_000
/** How often it is fed. */
const tickMs = 1000
/** Few enough rows for one request and for one turn of the event loop. */
const sliceMs = 300_000

type Reached = Record<Relation, number>

interface Progress {
  readonly reached: Reached
  readonly to: number
  readonly failures: Map<Relation, unknown>
  readonly isHistory: boolean
}

/**
 * Writes what the world showed since the last row of each relation, an hour back at most. An empty store, a restart, an
 * outage and an ordinary second differ only in how much that is.
 */
export class Feeder {
  readonly #store: DemoStore
  readonly #world: World
  readonly #seed: Seed
  #reached: Reached | undefined

  constructor(store: DemoStore, world: World, seed: Seed) {
    this.#store = store
    this.#world = world
    this.#seed = seed
  }

  /** Rejects when a relation could not be written; the others have been, and the next call makes up for it. */
  async feed(until: Date): Promise<void> {
    const to = until.getTime()
    const isHistory = this.#reached === undefined
    const reached = (this.#reached ??= await findReached(this.#store, this.#world, until))
    const from = Math.max(to - historyMs, Math.min(...Object.values(reached)))
    const failures = new Map<Relation, unknown>()
    let writing = Promise.resolve()
    for (const span of slices({ from, to })) {
      // The store takes in one slice while the next is made up.
      const rows = observe(this.#world, span, this.#seed)
      await writing
      if (failures.size === relations.length) break
      writing = this.#write(rows, { reached, to: span.to, failures, isHistory })
    }
    await writing
    if (failures.size > 0) throw failureOf(failures)
  }

  /** A relation that failed waits for the next call, or it would lack the rows in between. */
  async #write(rows: DemoRows, { reached, to, failures, isHistory }: Progress): Promise<void> {
    const writable = relations.filter((relation) => !failures.has(relation))
    await Promise.all(
      writable.map(async (relation) => {
        const fresh = rows[relation].filter((row) => knownAt(row) > reached[relation])
        try {
          if (fresh.length > 0) await this.#store.insert(relation, isHistory ? fresh.map(stampedThen) : fresh)
          reached[relation] = Math.max(reached[relation], to)
        } catch (error) {
          failures.set(relation, error)
        }
      }),
    )
  }
}

/** History is stamped as if it had been written when it happened, or its rows would look an hour late, and rules would wait for more like them. */
function stampedThen<Row extends DemoRows[Relation][number]>(
  row: Row,
): Row & { readonly ingested_at: string } {
  return { ...row, ingested_at: new Date(Math.ceil((knownAt(row) + 1) / tickMs) * tickMs).toISOString() }
}

function* slices({ from, to }: Span): Generator<Span> {
  for (let start = from; start < to; start += sliceMs)
    yield { from: start, to: Math.min(start + sliceMs, to) }
}

function failureOf(failures: ReadonlyMap<Relation, unknown>): Error {
  const [first] = failures.values()
  const reason = first instanceof Error ? first.message : String(first)
  return new Error(`The demo could not write ${[...failures.keys()].join(', ')}: ${reason}`, { cause: first })
}

/** How far an earlier run came, per relation: it may have ended in the middle of writing. */
async function findReached(store: DemoStore, world: World, until: Date): Promise<Reached> {
  const rows = await store.query<{ relation: Relation; reached: string }>(
    relations.map(reachedQuery).join(' UNION ALL '),
    {
      environment: world.environment,
      apps: world.services.map(({ name }) => name),
      from: until.getTime() - historyMs,
      to: until.getTime(),
    },
  )
  const reached = new Map(rows.map((row) => [row.relation, Number(row.reached)]))
  const of = (relation: Relation) => reached.get(relation) ?? 0
  return {
    executions: of('executions'),
    logs: of('logs'),
    agents: of('agents'),
    deployments: of('deployments'),
    jvm_metrics: of('jvm_metrics'),
  }
}

function reachedQuery(relation: Relation): string {
  const known = relation === 'executions' ? 'addMilliseconds(ts, duration_ms)' : 'ts'
  return `SELECT '${relation}' AS relation, toUnixTimestamp64Milli(max(${known})) AS reached FROM ${relation}
    WHERE environment = {environment:String} AND app IN {apps:Array(String)}
      AND toStartOfMinute(ts) >= toStartOfMinute(fromUnixTimestamp64Milli({from:Int64}, 'UTC'))
      AND ts <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')`
}
