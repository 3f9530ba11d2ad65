import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { batches } from '#db/schema/intake.ts'
import { testMemory } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { startRedis } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'

const program = requires('redis-server')
const script = join(import.meta.dirname, '../../harness/taking-process.ts')

const lives = 6
const eventsALife = 3000

async function startProcess(databaseUrl: string, redisUrl: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, databaseUrl, redisUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (!child.stdout) throw new Error('the process has no output to read')
  await once(createInterface(child.stdout), 'line')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

test('killed at any instant, two readers of one list store every event exactly once', async ({ skip }) => {
  if ('missing' in program) return skip(program.missing)
  const server = await startRedis(program.path, 'open-sesame')
  const memory = await testMemory()
  const redis = new Redis(server.url)
  const names: string[] = []
  const readers = [await startProcess(memory.url, server.url), await startProcess(memory.url, server.url)]
  for (let life = 0; life < lives; life++) {
    const fresh = Array.from({ length: eventsALife }, (_, index) => `${life}-${index}`)
    names.push(...fresh)
    const pushing = redis.lpush(
      'events',
      ...fresh.map((check) => JSON.stringify({ type: 'service', state: 'ok', entity: 'web', check })),
    )
    // Events, not time, say when: somewhere within the next claims.
    const fatal = Math.floor(Math.random() * eventsALife * 0.9)
    await pushing
    await eventually('some to be taken', async () => (await redis.llen('events')) <= eventsALife - fatal)
    const [victim] = readers.splice(0, 1)
    if (victim) await kill(victim)
    readers.push(await startProcess(memory.url, server.url))
  }
  await eventually(
    'everything to be taken',
    async () => (await redis.llen('events')) === 0 && (await redis.scard('events_claims')) === 0,
    60_000,
  )
  for (const reader of readers) await kill(reader)

  const rows = await memory.db.select({ items: batches.items }).from(batches)
  const stored = rows.flatMap(({ items }) =>
    (items as readonly { check: string }[]).map(({ check }) => check),
  )
  expect(stored.toSorted()).toEqual(names.toSorted())
  const archives = await redis.keys('events_archive:*')
  const archived = await Promise.all(archives.map((key) => redis.llen(key)))
  expect(archived.reduce((sum, length) => sum + length, 0)).toBe(names.length)
  expect(await redis.keys('events_claimed:*')).toEqual([])
  redis.disconnect()
  await server.close()
  await memory.close()
}, 180_000)
