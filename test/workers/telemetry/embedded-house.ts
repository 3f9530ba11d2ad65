import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findEndpoint } from '#workers/telemetry/embedded/endpoint.ts'
import { isEngine } from '#workers/telemetry/embedded/launch.ts'
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '#workers/telemetry/embedded-store.ts'

/** A folder of its own for one test, and every engine started in it ended at the end. */
export interface EmbeddedHouse {
  readonly folder: string
  readonly lines: string[]
  start(spanMs?: number): Promise<EmbeddedClickHouse>
  enginePid(): Promise<number>
  close(): Promise<void>
}

export async function openEmbeddedHouse(): Promise<EmbeddedHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-clickhouse-'))
  const roles: EmbeddedClickHouse[] = []
  const lines: string[] = []
  return {
    folder,
    lines,
    async start(spanMs = 30_000) {
      const role = await startEmbeddedClickHouse({ folder, spanMs, report: (line) => lines.push(line) })
      roles.push(role)
      return role
    },
    async enginePid() {
      const endpoint = await findEndpoint(folder)
      if (endpoint === undefined) throw new Error(`No engine has answered from ${folder} yet`)
      return endpoint.pid
    },
    async close() {
      for (const role of roles) await role.stop()
      // After a role that was killed the engine waits a whole span for its return.
      const { pid } = (await findEndpoint(folder)) ?? {}
      if (pid !== undefined && (await isEngine(pid))) {
        process.kill(pid, 'SIGTERM')
        await until('the engine has ended', async () => !(await isEngine(pid)))
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks again until the answer is yes, or fails after `patienceMs` naming what never happened. */
export async function until(what: string, isSo: () => Promise<boolean>, patienceMs = 20_000): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Never happened: ${what}`)
    await sleep(50)
  }
}
