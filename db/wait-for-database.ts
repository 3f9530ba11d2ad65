import { setTimeout as pause } from 'node:timers/promises'
import postgres from 'postgres'
import { sqlState } from './client.ts'

interface WaitOptions {
  readonly url: string
  readonly patienceMs: number
  readonly report: (line: string) => void
}

/** Waits for a database that is starting; gives up with one clear sentence, at once where waiting cannot help. */
export async function waitForDatabase({ url, patienceMs, report }: WaitOptions): Promise<void> {
  const giveUpAt = Date.now() + patienceMs
  for (let attempt = 1; ; attempt++) {
    const error = await tryOnce(url)
    if (!error) return
    const { host } = new URL(url)
    if (hopeless.has(sqlState(error) ?? ''))
      throw new Error(`The database at ${host} turned us away: ${error.message}. Check DATABASE_URL.`)
    if (Date.now() >= giveUpAt) {
      const seconds = Math.round(patienceMs / 1000)
      throw new Error(
        `The database at ${host} did not answer for ${seconds} s (${reason(error)}). Start it, or check DATABASE_URL.`,
        { cause: error },
      )
    }
    report(`Waiting for the database at ${host} (${reason(error)}) …`)
    await pause(Math.min(500 * attempt, 3000))
  }
}

/** Wrong password, no such role, no such database, no permission: time mends none of them. */
const hopeless = new Set(['28P01', '28000', '3D000', '42501'])

async function tryOnce(url: string): Promise<Error | undefined> {
  const client = postgres(url, {
    max: 1,
    connect_timeout: 5,
    connection: { application_name: 'tocsin-wait' },
  })
  try {
    await client`select 1`
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    await client.end({ timeout: 1 }).catch(() => undefined)
  }
}

function reason(error: Error): string {
  return sqlState(error) ?? (error.message || error.name)
}
