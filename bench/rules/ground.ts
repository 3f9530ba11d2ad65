import { readFileSync } from 'node:fs'
import { startEmbeddedClickHouse } from '#workers/telemetry/embedded-store.ts'
import { findEndpoint } from '#workers/telemetry/embedded/endpoint.ts'
import { createCanonicalTables } from '#workers/telemetry/schema.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'

/** An engine of the bench's own, with the settings that keep a benchmark honest: one thread, and no cache of what was asked before. */
export interface Ground {
  /** The canonical tables, empty, in a database of their own. */
  database(name: string): Promise<TelemetryStore>
  /** Processor time of the engine and of this process, in milliseconds. */
  cpuMs(): number
  /** Of the engine alone. */
  engineCpuMs(): number
  close(): Promise<void>
}

const honest = { max_threads: '1', use_query_condition_cache: '0' }
const tickMs = 10

export async function openGround(folder: string): Promise<Ground> {
  const engine = await startEmbeddedClickHouse({ folder })
  const endpoint = await findEndpoint(folder)
  if (!endpoint) throw new Error(`the engine of ${folder} has not said where it answers`)
  const stores: TelemetryStore[] = []
  const open = (database?: string) => {
    const store = openTelemetryStore({
      url: engine.url,
      requestTimeoutMs: 110_000,
      settings: honest,
      ...(database !== undefined && { database }),
    })
    stores.push(store)
    return store
  }
  const engineCpuMs = () => {
    const fields = readFileSync(`/proc/${endpoint.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  }
  return {
    database: async (name) => {
      await open().command(`CREATE DATABASE ${name}`)
      const store = open(name)
      await createCanonicalTables(store)
      return store
    },
    cpuMs: () => {
      const { user, system } = process.cpuUsage()
      return engineCpuMs() + (user + system) / 1000
    },
    engineCpuMs,
    close: async () => {
      for (const store of stores) await store.close()
      await engine.stop()
    },
  }
}
