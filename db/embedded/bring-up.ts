import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { prepareDatabase } from './database.ts'
import { ensureServer, type RunningServer } from './server.ts'

export interface AnsweringServer extends RunningServer {
  readonly version: string
}

const patienceMs = 30_000
const pollMs = 50

/** Finds or starts the cluster's server, and returns when it answers. Call it under the place's lock. */
export async function bringUp(
  cluster: Cluster,
  report: (line: string) => void,
  port?: number,
): Promise<AnsweringServer> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const server = await ensureServer(cluster, report, port)
    try {
      return { ...server, version: await prepareDatabase(cluster, server.port) }
    } catch (cause) {
      if (!server.adopted || !isRefusal(cause)) throw cause
      if (performance.now() > deadline) throw new Error(deaf(cluster, server.port), { cause })
      // Found in the moment between its kill and its end: look again.
      await sleep(pollMs)
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

function deaf({ dataFolder, logFile }: Cluster, port: number): string {
  return (
    `The database server of ${dataFolder} runs, but takes no connections on 127.0.0.1:${port} (log ${logFile}). ` +
    'Stop it (kill -INT its postmaster), then start Tocsin again.'
  )
}
