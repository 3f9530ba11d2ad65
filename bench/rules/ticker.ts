import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pino from 'pino'
import { type Memory, openMemory } from '#db/client.ts'
import { startEmbeddedPostgres } from '#db/embedded.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { ensureFirstEnvironment, firstEnvironment } from '#db/repositories/environments.ts'
import { listShards } from '#db/repositories/evaluation-shards.ts'
import { saveRule } from '#db/repositories/rules.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import type { Answer, Question, Telemetry } from '#engine/telemetry/telemetry.ts'
import { startRedis } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'
import { startWorkers } from '#workers/app.ts'
import { openQueues } from '#workers/queues/open-queues.ts'
import { tick } from '#workers/queues/tick.ts'
import { type Figure, figure } from '../figures.ts'
import { inFreshFolder } from '../product.ts'
import { routeMetrics } from './questions.ts'

const ruleCount = 10_000
const intervalSeconds = 10
const slots = 20
/** Rules are read and compiled, and statements prepared, before anything is counted. */
const unmeasuredSlots = 3

/** What a rule's turn costs besides the answer to its question: the queue, the rows, the judging. */
export async function tickerFigures(): Promise<Figure[]> {
  const figures = [await inFreshFolder((folder) => measure(folder, undefined, 15))]
  const redis = requires('redis-server')
  if ('missing' in redis) {
    console.error(`Not measured on Redis: ${redis.missing}`)
    return figures
  }
  const server = await startRedis(redis.path, 'bench')
  try {
    return [...figures, await inFreshFolder((folder) => measure(folder, server.url, 10))]
  } finally {
    await server.close()
  }
}

async function measure(
  folder: string,
  redisUrl: string | undefined,
  mostMicroseconds: number,
): Promise<Figure> {
  const server = await startEmbeddedPostgres({ folder })
  try {
    await migrateDatabase(server.url)
    const memory = openMemory({ url: server.url, name: 'tocsin-bench', connections: 4 })
    try {
      await ensureFirstEnvironment(memory.db)
      await saveRules(memory)
      const { cost, evaluations } = await turn(memory, {
        postgresUrl: server.url,
        ...(redisUrl !== undefined && { redisUrl }),
      })
      return figure(
        `a turn of one of ${ruleCount.toLocaleString('en-US')} rules, jobs in ${redisUrl === undefined ? 'PostgreSQL' : 'Redis'}, ${evaluations.toLocaleString('en-US')} turns`,
        `${cost.toFixed(1)} µs of Node`,
        { text: `≤ ${mostMicroseconds} µs`, met: cost <= mostMicroseconds },
      )
    } finally {
      await memory.close()
    }
  } finally {
    await server.stop()
  }
}

async function saveRules({ db }: Memory): Promise<void> {
  const conditions = routeMetrics(ruleCount, [60, 300])
  for (let from = 0; from < ruleCount; from += 100)
    await db.transaction(async (tx) => {
      for (const [index, condition] of conditions.slice(from, from + 100).entries()) {
        const parsed = parseRuleDraft({
          name: `rule ${from + index}`,
          severity: 'WARNING',
          conditionKind: condition.kind,
          condition: { ...condition, threshold: 0.5 },
          evaluationIntervalSeconds: intervalSeconds,
        })
        if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
        const identity = { id: randomUUID(), environment: firstEnvironment.slug, createdAt: new Date() }
        await saveRule(tx, { ...parsed.draft, ...identity }, 'the bench')
      }
    })
}

/** One tick after the other, as fast as they are done, each a whole interval after the one before. */
async function turn({ db }: Memory, urls: { readonly postgresUrl: string; readonly redisUrl?: string }) {
  let now = Math.floor(Date.now() / 60_000) * 60_000
  let evaluations = 0
  const queues = await openQueues({
    ...urls,
    onError: (error, where) => console.error(`${where}: ${error.message}`),
  })
  const workers = await startWorkers(queues, {
    db,
    telemetry: healthy((count) => (evaluations += count)),
    announce: async () => undefined,
    clock: () => new Date(now),
    settings: defaultDecisionSettings,
    log: pino({ level: 'warn' }),
  })
  const ticks = queues.open(tick)
  try {
    let began = process.cpuUsage()
    for (let slot = 0; slot < unmeasuredSlots + slots; slot++) {
      if (slot === unmeasuredSlots) {
        evaluations = 0
        began = process.cpuUsage()
      }
      now += intervalSeconds * 1000
      await ticks.add({})
      await committed(db, now)
    }
    const { user, system } = process.cpuUsage(began)
    if (evaluations !== slots * ruleCount) throw new Error(`${evaluations} turns in ${slots} slots`)
    return { cost: (user + system) / evaluations, evaluations }
  } finally {
    await workers.close()
    await queues.close()
  }
}

async function committed(db: Memory['db'], slot: number): Promise<void> {
  for (let look = 0; look < 3000; look++) {
    const shards = await listShards(db)
    if (shards.some(({ committedSlot }) => committedSlot?.getTime() === slot)) return
    await pause(20)
  }
  throw new Error('the tick was not committed within a minute')
}

const figures = { count: 1, failed: 0, averageDurationMs: 0.1, p99DurationMs: 0.1 }
const answer: Answer = { about: 'executions', early: figures, settled: figures }

/** Answers at once, and that nothing is wrong. */
function healthy(asked: (count: number) => void): Telemetry {
  const answerAll = async (questions: readonly unknown[]): Promise<Answer[]> => {
    asked(questions.length)
    return questions.map(() => answer)
  }
  return {
    ask: (questions: readonly Question[]) => answerAll(questions),
    watch: (questions) => ({ ask: (_at, which) => answerAll(which ?? questions), close: () => undefined }),
    trace: () => answerAll([]),
  }
}
