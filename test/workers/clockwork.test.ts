import pino from 'pino'
import { afterEach, beforeEach, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { evaluationClock } from '#db/schema/evaluation.ts'
import { testMemory } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type RedisServer, startRedis } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'
import { startClockwork } from '#workers/clockwork.ts'
import { openQueues } from '#workers/queues/open-queues.ts'
import type { QueueHouse } from '#workers/queues/queue.ts'
import { tick } from '#workers/queues/tick.ts'

const program = requires('redis-server')

let server: RedisServer
let memory: Memory
let queues: QueueHouse

beforeEach(async ({ skip }) => {
  skip('missing' in program, 'missing' in program ? program.missing : '')
  if ('missing' in program) return
  server = await startRedis(program.path, 'open-sesame')
  memory = await testMemory()
  queues = await openQueues({
    redisUrl: server.url,
    postgresUrl: 'postgres://nobody@127.0.0.1:1/unused',
    onError: () => undefined,
  })
})
afterEach(async () => {
  await queues?.close()
  await memory?.close()
  await server?.close()
})

test('a queue that lost its schedules gets its ticker back, and nobody has to do anything', async () => {
  const clockwork = await startClockwork(queues, {
    db: memory.db,
    clock: () => new Date(),
    log: pino({ level: 'silent' }),
    patienceMs: 1000,
  })
  let ticks = 0
  await queues.work(tick, async (_payload, { scheduledFor = new Date() }) => {
    ticks += 1
    const seen = { part: 'ticker', tickedAt: scheduledFor }
    await memory.db
      .insert(evaluationClock)
      .values(seen)
      .onConflictDoUpdate({ target: evaluationClock.part, set: seen })
  })
  await eventually('a first tick', () => ticks > 0, 15_000)
  await server.restart()
  const before = ticks
  await eventually('the ticker to be wound up again', () => ticks > before + 1, 30_000)
  clockwork.close()
}, 60_000)
