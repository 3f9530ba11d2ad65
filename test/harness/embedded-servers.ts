import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import postgres from 'postgres'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts'
import { listServerProcesses } from '#db/embedded/processes.ts'

type StartOptions = Parameters<typeof startEmbeddedPostgres>[0]

/** A folder for embedded databases, and all that is opened in there, which is closed in the reverse order. */
export interface EmbeddedServers {
  readonly top: string
  start(options?: Partial<StartOptions>): Promise<EmbeddedPostgres>
  connect(server: Pick<EmbeddedPostgres, 'url'>, name?: string): postgres.Sql
  /** Another Tocsin: a process that starts the database, says what it got, and stops it on SIGTERM. */
  spawnTocsin(): { readonly child: ChildProcess; readonly server: Promise<EmbeddedPostgres> }
  /** To be closed after all that is opened later. */
  later(close: () => unknown): void
  closeAll(): Promise<void>
  remove(): Promise<void>
}

export async function embeddedServers(): Promise<EmbeddedServers> {
  const top = await mkdtemp(join(tmpdir(), 'tocsin-embedded-'))
  await chmod(top, 0o755)
  const folder = join(top, 'postgres')
  const opened: (() => unknown)[] = []
  const later = (close: () => unknown) => void opened.push(close)
  return {
    top,
    later,
    start: async (options = {}) => {
      const server = await startEmbeddedPostgres({ folder, ...options })
      later(() => server.stop())
      return server
    },
    connect: ({ url }, name = 'scenario') => {
      const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: name } })
      later(() => sql.end())
      return sql
    },
    spawnTocsin: () => {
      const child = spawnStarting(folder)
      later(() => end(child, 'SIGKILL'))
      return { child, server: readServer(child) }
    },
    closeAll: async () => {
      for (const close of opened.splice(0).reverse()) await close()
    },
    remove: () => rm(top, { recursive: true }),
  }
}

function spawnStarting(folder: string): ChildProcess {
  const script = `
    import { startEmbeddedPostgres } from '#db/embedded.ts'
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} })
    process.on('SIGTERM', () => server.stop())
    console.log(JSON.stringify(server))`
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function readServer({ stdout }: ChildProcess): Promise<EmbeddedPostgres> {
  if (!stdout) throw new Error('The other Tocsin has no output to read')
  const [line] = await once(createInterface(stdout), 'line')
  return JSON.parse(String(line))
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

export async function postmasterOf({ dataFolder }: Pick<EmbeddedPostgres, 'dataFolder'>): Promise<number> {
  return Number.parseInt(await readFile(join(dataFolder, 'postmaster.pid'), 'utf8'), 10)
}

export async function isRunning({ dataFolder }: Pick<EmbeddedPostgres, 'dataFolder'>): Promise<boolean> {
  const { clusterName } = JSON.parse(await readFile(join(dirname(dataFolder), 'secrets.json'), 'utf8'))
  return (await listServerProcesses({ clusterName, dataFolder })).length > 0
}

export async function killPostmaster(server: EmbeddedPostgres): Promise<number> {
  const pid = await postmasterOf(server)
  process.kill(pid, 'SIGKILL')
  return pid
}
