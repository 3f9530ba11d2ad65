import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { markEnd, readSince, trimLog } from './log.ts'
import { chooseFreePort, isFree } from './port.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import { isAlive, listServerProcesses } from './processes.ts'
import { addressSettings } from './settings.ts'
import { runTool } from './tool.ts'

export interface RunningServer {
  readonly port: number
  readonly adopted: boolean
}

const patienceMs = 5 * 60_000
const pollMs = 50

/**
 * Finds the cluster's server, or starts it. Call it under the place's lock.
 * `port` names the only acceptable one, for clients that already hold a URL.
 */
export async function ensureServer(
  cluster: Cluster,
  report: (line: string) => void,
  port?: number,
): Promise<RunningServer> {
  const found = await findServer(cluster)
  if (typeof found === 'number') return { port: found, adopted: true }
  if (found === 'killed') report('The database was not shut down cleanly; recovering it')
  return startServer(cluster, port)
}

/** The port of this cluster's server, once it is ready; otherwise how the last one ended, and one may be started. */
async function findServer(cluster: Cluster): Promise<number | 'stopped' | 'killed'> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const file = await readPostmasterFile(cluster.dataFolder)
    if (!file) return 'stopped'
    const processes = await listServerProcesses(cluster)
    if (processes.length === 0) {
      await removeIfMisleading(file)
      return 'killed'
    }
    if (processes.includes(file.pid) && file.isReady) return file.port
    if (performance.now() > deadline) throw new Error(unsettled(cluster, processes))
    // Starting, stopping, or the children of a killed postmaster on their way out.
    await sleep(pollMs)
  }
}

// A container restart hands the old server's pid to somebody else, and PostgreSQL would take that for a server
// of its own. With a dead pid the file stays: PostgreSQL clears it itself, after checks only it can make.
async function removeIfMisleading({ path, pid }: { path: string; pid: number }): Promise<void> {
  if (Number.isNaN(pid) || isAlive(pid)) await rm(path, { force: true })
}

async function startServer(cluster: Cluster, wanted?: number): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await choosePort(cluster))
    await trimLog(cluster.logFile)
    const logEnd = await markEnd(cluster.logFile)
    try {
      await runTool(cluster.binaries.pgCtl, startArguments(cluster, port), cluster.account)
      await writeFile(cluster.portFile, `${port}\n`)
      return { port, adopted: false }
    } catch (cause) {
      // A start whose Tocsin was killed may have come in between.
      const found = await findServer(cluster)
      if (typeof found === 'number') return { port: found, adopted: true }
      const portWasTaken = wanted === undefined && !(await isFree(port))
      if (portWasTaken && attempt < 5) continue
      throw new Error(await explainFailure(cluster, logEnd), { cause })
    }
  }
}

async function choosePort({ portFile }: Cluster): Promise<number> {
  const remembered = Number.parseInt(await readFile(portFile, 'utf8').catch(() => ''), 10)
  return remembered > 0 && (await isFree(remembered)) ? remembered : chooseFreePort()
}

function startArguments({ dataFolder, logFile, clusterName }: Cluster, port: number): string[] {
  const wait = ['--wait', `--timeout=${patienceMs / 1000}`, '--silent']
  return [
    'start',
    ...wait,
    `--pgdata=${dataFolder}`,
    `--log=${logFile}`,
    `--options=${addressSettings(port, clusterName)}`,
  ]
}

export async function stopServer(cluster: Cluster): Promise<void> {
  const { pgCtl } = cluster.binaries
  const stop = [
    'stop',
    '--mode=fast',
    '--wait',
    '--timeout=120',
    '--silent',
    `--pgdata=${cluster.dataFolder}`,
  ]
  try {
    await runTool(pgCtl, stop, cluster.account)
  } catch (cause) {
    // Somebody may have ended it before us, which is as good.
    const left = await listServerProcesses(cluster)
    if (left.length === 0) return
    throw new Error(
      `The embedded database did not stop (processes ${left.join(', ')}). Its log: ${cluster.logFile}`,
      { cause },
    )
  }
}

async function explainFailure({ logFile, dataFolder }: Cluster, logEnd: number): Promise<string> {
  const said = (await readSince(logFile, logEnd)).trim().split('\n').slice(-8).join('\n')
  return `The embedded database in ${dataFolder} did not start. The end of its log (${logFile}):\n${said || '(nothing)'}`
}

function unsettled({ dataFolder, logFile }: Cluster, processes: number[]): string {
  return (
    `A PostgreSQL server of the database in ${dataFolder} neither got ready nor ended within five minutes ` +
    `(processes ${processes.join(', ')}, log ${logFile}). End them (kill -INT), and start again.`
  )
}
