import type postgres from 'postgres'

/** How long what was under way on the other connections may still take. */
const graceMs = 5_000

export interface Renewing {
  /** Stands for whichever client is in use. */
  readonly client: postgres.Sql
  end(): Promise<void>
}

/** What the driver is to tell of its connections. */
export type ConnectionNews = Required<
  Pick<postgres.Options<Record<string, never>>, 'onparameter' | 'onclose'>
>

/**
 * A client of the driver that is replaced, whole, as soon as one of its connections is lost. The driver itself would connect
 * again, but what it was about to write stays in its buffer, so that nothing is ever sent on the new connection, and a
 * transaction that has not heard of it goes on there, outside of any transaction (porsager/postgres#1066, #1154, #1208).
 */
export function renewing(open: (news: ConnectionNews) => postgres.Sql): Renewing {
  const retired = new Map<postgres.Sql, NodeJS.Timeout>()
  let isEnding = false

  function openNext(): postgres.Sql {
    // One that never had a connection has none to lose: while the server is away there is no reason to begin anew.
    let hadConnection = false
    const client = open({
      onparameter: () => {
        hadConnection = true
      },
      onclose: () => {
        if (!hadConnection || isEnding || client !== current) return
        current = openNext()
        retire(client)
      },
    })
    return client
  }

  function retire(client: postgres.Sql): void {
    const timer = setTimeout(() => {
      retired.delete(client)
      void client.end({ timeout: 0 })
    }, graceMs)
    retired.set(client, timer)
  }

  let current = openNext()
  return {
    client: new Proxy(current, { get: (_first, name): unknown => Reflect.get(current, name) }),
    end: async () => {
      isEnding = true
      for (const timer of retired.values()) clearTimeout(timer)
      const ends = [...retired.keys()].map((client) => client.end({ timeout: 0 }))
      await Promise.all([current.end({ timeout: 5 }), ...ends])
    },
  }
}

const driverLine = /^ {4}at .*\bnextWrite \(.*[\\/]postgres[\\/](?:cjs[\\/])?src[\\/]connection\.js:/

/**
 * What the driver throws, where nobody can catch it, when a connection was lost before something was written to it: most
 * often the `rollback` of the transaction that failed for it. Whoever waited has been told by then.
 */
export function isWriteToLostConnection(error: unknown): boolean {
  if (!(error instanceof TypeError) || error.message !== "Cannot read properties of null (reading 'write')")
    return false
  const [thrownBy = ''] = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? []
  return driverLine.test(thrownBy)
}
