import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import type { Place } from './place.ts'
import { settings } from './settings.ts'
import { runTool } from './tool.ts'

const majorVersion = '18'

const secretsFile = z.object({
  clusterName: z.string().regex(/^tocsin-\w+$/),
  superuserPassword: z.string(),
  password: z.string(),
})
type Secrets = z.infer<typeof secretsFile>

/** A created cluster: its files, its secrets, and what it takes to run its server. */
export interface Cluster extends Secrets {
  readonly dataFolder: string
  readonly logFile: string
  readonly portFile: string
  readonly account: Account | undefined
  readonly binaries: Binaries
}

export const superuser = 'postgres'

/** Opens the cluster at this place, creating it when there is none. Call it under the place's lock. */
export async function openCluster(
  { home, account }: Place,
  binaries: Binaries,
  report: (line: string) => void,
): Promise<Cluster> {
  const folder = join(home, 'cluster')
  if (!(await isThere(folder))) {
    report('Creating the database cluster (once, about a second)')
    await createCluster(home, binaries, account).catch((cause: unknown) => {
      throw new Error(cannotCreate(home, cause), { cause })
    })
  }
  const dataFolder = join(folder, 'data')
  await requireVersion(dataFolder)
  return {
    ...(await readSecrets(folder)),
    dataFolder,
    logFile: join(folder, 'server.log'),
    portFile: join(folder, 'port'),
    account,
    binaries,
  }
}

// Made beside and renamed when whole: a start that was killed half way leaves scrap, never half a cluster.
async function createCluster(home: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith('creating-')) await rm(join(home, name), { recursive: true })
  }
  const scrap = join(home, `creating-${process.pid}`)
  const data = join(scrap, 'data')
  const secrets: Secrets = {
    clusterName: `tocsin-${randomBytes(6).toString('hex')}`,
    superuserPassword: randomBytes(24).toString('hex'),
    password: randomBytes(24).toString('hex'),
  }
  await mkdir(data, { recursive: true })
  // Said aloud, because the umask may have had another opinion.
  await chmod(scrap, account ? 0o711 : 0o700)
  const passwordFile = join(scrap, 'superuser-password')
  await writeFile(passwordFile, secrets.superuserPassword, { mode: 0o600 })
  await writeDurably(join(scrap, 'secrets.json'), JSON.stringify(secrets))
  await writeDurably(join(scrap, 'server.log'), '')
  if (account) {
    for (const path of [data, passwordFile, join(scrap, 'server.log')]) {
      await chown(path, account.uid, account.gid)
    }
  }
  await runTool(binaries.initdb, initdbArguments(data, passwordFile, secrets.clusterName), account)
  await rm(passwordFile)
  await rename(scrap, join(home, 'cluster'))
}

function cannotCreate(home: string, cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return `Cannot create the database cluster in ${home}: ${reason}\nMend that, or set DATABASE_URL to a PostgreSQL of your own.`
}

function initdbArguments(data: string, passwordFile: string, clusterName: string): string[] {
  return [
    `--pgdata=${data}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own C.UTF-8 sorts alike on every machine and never changes under an index with a system upgrade.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    // Here as well, so that the processes of a server that was started by hand are known as its own.
    `--set=cluster_name=${clusterName}`,
    ...Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`),
  ]
}

async function requireVersion(dataFolder: string): Promise<void> {
  const found = (await readOwn(join(dataFolder, 'PG_VERSION'))).trim()
  if (found === majorVersion) return
  throw new Error(
    `The database in ${dataFolder} was made by PostgreSQL ${found}, and this Tocsin brings ${majorVersion}. ` +
      `Start it with the Tocsin that made it and move the data (pg_dump), or move the folder away to begin anew.`,
  )
}

async function readSecrets(folder: string): Promise<Secrets> {
  const file = join(folder, 'secrets.json')
  const content = await readOwn(file)
  try {
    return secretsFile.parse(JSON.parse(content))
  } catch {
    // Without a cause on purpose: a parser's complaint quotes what it read.
    throw new Error(`${file} is damaged. Bring it back from a backup, or move ${folder} away to begin anew.`)
  }
}

async function readOwn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(
      `Cannot read ${file} of the embedded database. Start Tocsin as the user who created it, ` +
        'bring the file back from a backup, or move the folder that holds "cluster" away to begin anew.',
      { cause },
    )
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
