import { once } from 'node:events'
import { type ChainableCommander, Redis } from 'ioredis'

/** What became of the events of one claim, as they lay in Redis. */
interface Settled {
  readonly accepted: readonly Buffer[]
  readonly rejected: readonly Buffer[]
  /** Added to Flapjack's `event_counters`. */
  readonly counts: Readonly<Record<string, number>>
  readonly at: Date
}

/** Flapjack's list of events over one connection, which ends with its first trouble: nothing is ever sent twice over it. */
export interface EventList {
  /** Moves up to so many events, oldest first, to a claim of that name; false where there are none. */
  claim(name: string, most: number): Promise<boolean>
  claims(): Promise<string[]>
  /** Oldest first; empty where somebody else has settled it. */
  read(name: string): Promise<Buffer[]>
  settle(name: string, settled: Settled): Promise<void>
  disconnect(): void
}

export interface EventListOptions {
  readonly redisUrl: string
  /** Flapjack calls it `events`. */
  readonly queue: string
  /** How long what was taken is kept in `events_archive:…`; 0 = not at all. */
  readonly archiveSeconds: number
}

const knownArchives = 'known_events_archive_keys'
const patienceMs = 5000
/** Rejected events are looked at by people, perhaps on the next morning. */
const leastRejectedSeconds = 86_400
const mostRejected = 10_000

/** Needs Redis 5 or newer; of its commands only those that Flapjack's time knew. */
export async function connectEventList(options: EventListOptions, closing: AbortSignal): Promise<EventList> {
  const redis = new Redis(options.redisUrl, {
    // What Redis spoke in Flapjack's time.
    protocol: 2,
    lazyConnect: true,
    connectTimeout: patienceMs,
    // A server that hangs is as good as gone.
    socketTimeout: 2 * patienceMs,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  })
  try {
    const patience = AbortSignal.any([closing, AbortSignal.timeout(patienceMs)])
    const ready = once(redis, 'ready', { signal: patience })
    // Its own rejection only says that the connection closed; the `error` event, which fails `ready`, says why.
    redis.connect().catch(() => undefined)
    await ready.catch((error: unknown) => {
      throw patience.aborted ? new Error(`no answer within ${patienceMs / 1000} s`) : error
    })
  } catch (error) {
    redis.disconnect()
    throw error
  }
  // Whatever is under way when it breaks fails, and tells.
  redis.on('error', () => undefined)
  return eventList(redis, options)
}

function eventList(redis: Redis, { queue, archiveSeconds }: EventListOptions): EventList {
  const register = `${queue}_claims`
  let newestArchive = ''
  const beginArchive = async (archive: string) => {
    newestArchive = archive
    const known = await redis.smembers(knownArchives)
    const there = await Promise.all(known.map((key) => redis.exists(key)))
    const expired = known.filter((_key, index) => there[index] === 0)
    if (expired.length > 0) await redis.srem(knownArchives, ...expired)
  }
  const listOf = (name: string) => `${queue}_claimed:${name}`
  return {
    async claim(name, most) {
      const waiting = Math.min(await redis.llen(queue), most)
      if (waiting === 0) return false
      // One transaction: whoever sees the claim sees all of it, and it never changes again.
      const moving = redis.multi().sadd(register, name)
      for (let index = 0; index < waiting; index++) moving.rpoplpush(queue, listOf(name))
      const [, ...moved] = await run(moving)
      if (moved.some((event) => event !== null)) return true
      await redis.srem(register, name)
      return false
    },
    claims: () => redis.smembers(register),
    read: async (name) => (await redis.lrangeBuffer(listOf(name), 0, -1)).toReversed(),
    async settle(name, { accepted, rejected, counts, at }) {
      const list = listOf(name)
      // Two may come to settle the same claim: who finds it gone, or changed before the end, leaves everything as it is.
      await redis.watch(list)
      if ((await redis.exists(list)) === 0) {
        await redis.unwatch()
        await redis.srem(register, name)
        return
      }
      const settling = redis.multi()
      const archive = `events_archive:${hourOf(at)}`
      const isArchived = archiveSeconds > 0 && accepted.length > 0
      if (isArchived) {
        settling
          .lpush(archive, ...accepted)
          .expire(archive, archiveSeconds)
          .sadd(knownArchives, archive)
      }
      if (rejected.length > 0) {
        const rejects = rejectedKey(at)
        settling.lpush(rejects, ...rejected).ltrim(rejects, 0, mostRejected - 1)
        settling.expire(rejects, Math.max(archiveSeconds, leastRejectedSeconds))
      }
      for (const [name, count] of Object.entries(counts)) {
        if (count > 0) settling.hincrby('event_counters', name, count)
      }
      await run(settling.del(list).srem(register, name))
      if (isArchived && archive !== newestArchive) await beginArchive(archive)
    },
    disconnect: () => redis.disconnect(),
  }
}

export function rejectedKey(at: Date): string {
  return `events_rejected:${hourOf(at)}`
}

/** `2026013110`, in UTC, as Flapjack names its archives. */
function hourOf(at: Date): string {
  return at.toISOString().slice(0, 13).replaceAll(/[-T]/g, '')
}

/** The replies; none where something that was watched changed meanwhile. */
async function run(commands: ChainableCommander): Promise<unknown[]> {
  const results = (await commands.exec()) ?? []
  const failed = results.find(([error]) => error !== null)
  if (failed?.[0]) throw failed[0]
  return results.map(([, reply]) => reply)
}
