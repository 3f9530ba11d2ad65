import type postgres from 'postgres'

/** More than we have; texts that are put together anew each time must not fill the server's memory. */
const mostStatements = 400

/** Their text depends on how many values there are: `in ($1, $2 …)`, `values (…), (…)`. */
const variable = / in \(\$\d|\), \(/

/**
 * Has statements prepared by the server, each connection once. Drizzle asks for it only where its own `prepare` is called;
 * otherwise every execution is parsed and planned anew, and waits a round trip to learn the types of its parameters, so
 * that nothing can be sent behind it.
 */
export function preparing(client: postgres.Sql): postgres.Sql {
  const known = new Set<string>()
  prepareThrough(client, (text) => {
    if (known.has(text)) return true
    if (known.size >= mostStatements || variable.test(text)) return false
    known.add(text)
    return true
  })
  return client
}

/**
 * Transactions and savepoints bring clients of their own. Such a client is of no use once what was done with it has ended:
 * the driver would send what comes late behind the rollback, or on a connection that took the place of a lost one, and it
 * would be kept.
 */
function prepareThrough(
  client: postgres.Sql | postgres.TransactionSql,
  isWorth: (text: string) => boolean,
  isOver = () => false,
): void {
  const refuseWhenOver = () => {
    if (isOver()) throw new Error('The transaction of this statement has ended; it was not sent.')
  }
  const unsafe = client.unsafe.bind(client)
  Object.assign(client, {
    unsafe: (text: string, parameters: never[] = [], options: postgres.UnsafeQueryOptions = {}) => {
      refuseWhenOver()
      // Whoever asks for it says the same text again; without parameters it might be several statements.
      const prepare = options.prepare === true || (parameters.length > 0 && isWorth(text))
      return unsafe(text, parameters, { ...options, prepare, ...(prepare && { simple: false }) })
    },
  })
  for (const opens of ['begin', 'savepoint']) {
    const open: unknown = Reflect.get(client, opens)
    if (typeof open !== 'function') continue
    Reflect.set(client, opens, async (within: (inner: postgres.TransactionSql) => Promise<unknown>) => {
      refuseWhenOver()
      let hasEnded = false
      try {
        return await Reflect.apply(open, client, [
          async (inner: postgres.TransactionSql) => {
            prepareThrough(inner, isWorth, () => hasEnded)
            try {
              return await within(inner)
            } finally {
              hasEnded = true
            }
          },
        ])
      } finally {
        hasEnded = true
      }
    })
  }
}
