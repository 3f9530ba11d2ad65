import { once } from 'node:events'
import { Redis } from 'ioredis'
import { addressOf, type ErrorTeller } from './error-teller.ts'

const oldestRedis = { major: 6, minor: 2 }
const patienceMs = 5000

/** A connection that heals itself once it has been made; that it cannot be made at all is an error. */
export async function connectRedis(redisUrl: string, errors: ErrorTeller): Promise<Redis> {
  const address = addressOf(redisUrl, 6379)
  if (!/^rediss?:\/\//.test(redisUrl)) {
    throw new Error(`REDIS_URL must begin with redis:// or rediss://, found ${address}.`)
  }
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: patienceMs,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, 2000),
    // A worker waits for its connection as long as it takes; BullMQ insists on it.
    maxRetriesPerRequest: null,
  })
  const version = await firstContact(redis).catch((error: unknown) => {
    redis.disconnect()
    throw new Error(
      `REDIS_URL: cannot use Redis at ${address}: ${errors.describe(error)}. ` +
        'Check that it runs there and accepts this user, or unset REDIS_URL to keep the queue in PostgreSQL.',
    )
  })
  if (isTooOld(version)) {
    redis.disconnect()
    throw new Error(
      `REDIS_URL: found Redis ${version} at ${address}, the job queue needs ${oldestRedis.major}.${oldestRedis.minor} ` +
        'or newer. Upgrade it, or unset REDIS_URL to keep the queue in PostgreSQL.',
    )
  }
  redis.on('error', (error: Error) => errors.report(error, 'redis'))
  return redis
}

async function firstContact(redis: Redis): Promise<string> {
  const patience = AbortSignal.timeout(patienceMs)
  const ready = once(redis, 'ready', { signal: patience })
  // Its own rejection only says that the connection closed; the `error` event, which fails `ready`, says why.
  redis.connect().catch(() => undefined)
  await ready.catch((error: unknown) => {
    throw patience.aborted ? new Error(`no answer within ${patienceMs / 1000} s`) : error
  })
  const info = await redis.info('server')
  return /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown version'
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < oldestRedis.major || (major === oldestRedis.major && minor < oldestRedis.minor)
}
