import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { applicationName } from './database.ts'
import { waitingOutRecovery } from './recovering.ts'

const firstPauseMs = 100
const longestPauseMs = 30_000
const lingerMs = 500

/** One connection held open: it tells other Tocsins that we use the server, and us that the server is gone. */
export interface Watch {
  /** Whether another Tocsin, or a pool of ours that was left open, is connected. */
  isServerInUse(): Promise<boolean>
  end(): Promise<void>
}

/** `revive` brings the server back under the same URL; it is called again until it succeeds. */
export async function watchServer(
  url: string,
  revive: () => Promise<void>,
  report: (line: string) => void,
): Promise<Watch> {
  const ending = new AbortController()
  let isConnected = false

  async function reconnect(): Promise<void> {
    if (!isConnected || ending.signal.aborted) return
    isConnected = false
    report('The database server went away; bringing it back')
    let pauseMs = firstPauseMs
    while (!ending.signal.aborted) {
      try {
        await revive()
        await sql`select 1`
        isConnected = true
        report('The database server is back')
        return
      } catch (error) {
        report(
          `The database server is not back yet: ${error instanceof Error ? error.message : String(error)}`,
        )
        await sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => {})
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
    }
  }

  const sql = postgres(url, {
    max: 1,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: applicationName },
    onclose: () => void reconnect(),
  })

  async function end(): Promise<void> {
    ending.abort()
    await sql.end({ timeout: 1 })
  }

  try {
    await waitingOutRecovery(() => sql`select 1`)
    isConnected = true
  } catch (error) {
    await end()
    throw error
  }
  return { isServerInUse: () => isInUse(sql), end }
}

// A connection closed a moment ago is still listed until its server process has noticed.
async function isInUse(sql: postgres.Sql): Promise<boolean> {
  const deadline = performance.now() + lingerMs
  for (;;) {
    const others = await sql`
      select from pg_stat_activity where application_name like 'tocsin%' and pid <> pg_backend_pid()`
    if (others.length === 0) return false
    if (performance.now() > deadline) return true
    await sleep(50)
  }
}
