import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { preparing } from './preparing.ts'
import { renewing } from './renewing.ts'

export type Database = PostgresJsDatabase

export interface Memory {
  readonly db: Database
  /** Calls back for every NOTIFY on the channel, and `resumed` whenever some may have been missed: the connection was lost and is back. */
  listen(channel: string, hear: (payload: string) => void, resumed?: () => void): Promise<() => Promise<void>>
  /**
   * Takes a lock that lasts as long as this process and its session, or answers undefined when another one has it. Calls back
   * when the session is lost, and the lock with it.
   */
  hold(name: string, lost?: () => void): Promise<(() => Promise<void>) | undefined>
  close(): Promise<void>
}

export interface MemoryOptions {
  readonly url: string
  /** Shown in pg_stat_activity; always begins with `tocsin`. */
  readonly name: string
  readonly connections: number
}

export function openMemory({ url, name, connections }: MemoryOptions): Memory {
  const pool = renewing((news) => {
    // A connection that ended because of its age could not be told from one that was lost.
    const client = postgres(url, { ...settings(name, connections), max_lifetime: null, ...news })
    // Drizzle wants some types as texts, and sets that up with the client it is made for.
    drizzle({ client })
    return preparing(client)
  })
  let listener: postgres.Sql | undefined
  return {
    db: drizzle({ client: pool.client }),
    listen: async (channel, hear, resumed) => {
      // Drizzle changes the type parsers of the client it is given, so listening has a client of its own.
      listener ??= postgres(url, settings(`${name}-listen`, 1))
      let isFirst = true
      const listening = await listener.listen(channel, hear, () => {
        if (!isFirst) resumed?.()
        isFirst = false
      })
      return () => listening.unlisten()
    },
    hold: async (lock, lost) => {
      let isMine = false
      const onclose = () => {
        if (isMine) lost?.()
        isMine = false
      }
      // The lock goes with its connection, which the driver would otherwise renew within the hour.
      const holder = postgres(url, {
        ...settings(`${name}-hold`, 1),
        max_lifetime: null,
        fetch_types: false,
        onclose,
      })
      const release = async () => {
        isMine = false
        await holder.end({ timeout: 5 })
      }
      try {
        const [row] = await holder<
          { mine: boolean }[]
        >`select pg_try_advisory_lock(hashtextextended(${lock}, 1)) as mine`
        isMine = row?.mine === true
      } finally {
        if (!isMine) await release()
      }
      return isMine ? release : undefined
    },
    close: async () => {
      await Promise.all([pool.end(), listener?.end({ timeout: 5 })])
    },
  }
}

function settings(name: string, connections: number) {
  return {
    max: connections,
    connection: { application_name: name },
    connect_timeout: 10,
    onnotice: () => undefined,
  } satisfies postgres.Options<Record<string, never>>
}

/** The SQLSTATE of a failed query, however deep Drizzle wrapped it. */
export function sqlState(error: unknown): string | undefined {
  let current: unknown = error
  while (current instanceof Error) {
    if ('code' in current && typeof current.code === 'string') return current.code
    current = current.cause
  }
  return undefined
}

/** PostgreSQL ended a transaction so that another could go on; nothing is wrong with it. */
export function isDeadlock(error: unknown): boolean {
  return sqlState(error) === '40P01'
}
