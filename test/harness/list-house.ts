import { Writable } from 'node:stream'
import { Redis } from 'ioredis'
import pino from 'pino'
import type { Memory } from '#db/client.ts'
import { batches, floods, listReaders, takenClaims } from '#db/schema/intake.ts'
import { startTaking, type Taking } from '#workers/flapjack/taking.ts'
import type { SourceQuota } from '#engine/intake/source-quota.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { testMemory } from './database.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

interface TakeWishes {
  readonly redisUrl?: string
  readonly db?: Memory['db']
  readonly archiveSeconds?: number
  readonly queue?: string
  readonly quota?: SourceQuota
}

/** A real Redis, a database, and takers of Flapjack's list between them; nobody decides what they store. */
export interface ListHouse {
  readonly server: RedisServer
  readonly redis: Redis
  readonly memory: Memory & { readonly url: string }
  readonly clock: MovableClock
  /** Every line from `warn` on. */
  readonly logged: Record<string, unknown>[]
  take(wishes?: TakeWishes): Taking
  endTakers(): Promise<void>
  /** Everything as if nothing had ever been taken. */
  forget(): Promise<void>
  /** The checks of all events that are stored, in the order in which they were taken. */
  takenChecks(): Promise<string[]>
  /** Nothing waits, and nothing is in anybody's hands. */
  nothingLeft(queue?: string): Promise<boolean>
  close(): Promise<void>
}

export async function openListHouse(program: string, now: Date): Promise<ListHouse> {
  const server = await startRedis(program, 'open-sesame')
  const redis = new Redis(server.url)
  redis.on('error', () => undefined)
  const memory = await testMemory()
  const clock = movableClock(now)
  const logged: Record<string, unknown>[] = []
  const log = pino({ level: 'warn' }, linesInto(logged))
  const takers: Taking[] = []
  const endTakers = async () => {
    for (const taker of takers.splice(0)) await taker.close()
  }
  return {
    server,
    redis,
    memory,
    clock,
    logged,
    endTakers,
    take(wishes = {}) {
      const place = { redisUrl: server.url, queue: 'events', archiveSeconds: 3 * 3600, environment: 'prod' }
      const taker = startTaking({ ...place, db: memory.db, clock: clock.now, log, quota: null, ...wishes })
      takers.push(taker)
      return taker
    },
    async forget() {
      await redis.flushall()
      for (const table of [batches, takenClaims, listReaders, floods]) await memory.db.delete(table)
      logged.length = 0
    },
    async takenChecks() {
      const rows = await memory.db.select().from(batches).orderBy(batches.id)
      return rows.flatMap(({ items }) => (items as readonly { check: string }[]).map(({ check }) => check))
    },
    nothingLeft: async (queue = 'events') =>
      (await redis.llen(queue)) === 0 && (await redis.exists(`${queue}_claims`)) === 0,
    async close() {
      await endTakers()
      redis.disconnect()
      await server.close()
      await memory.close()
    },
  }
}

/** As a producer of Flapjack writes it. */
export function queuedEvent(check: string, parts: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ type: 'service', state: 'critical', entity: 'web-1', check, ...parts })
}

function linesInto(lines: Record<string, unknown>[]): Writable {
  return new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>)
      done()
    },
  })
}
