import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts'
import { findNativeFolder } from '#db/embedded/binaries.ts'
import { chooseFreePort } from '#db/embedded/port.ts'
import { listServerProcesses } from '#db/embedded/processes.ts'
import { runTool } from '#db/embedded/tool.ts'

const timeout = 60_000
const until = { timeout: 20_000, interval: 25 }

let top: string
let folder: string
const opened: { close: () => unknown }[] = []

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'tocsin-embedded-'))
  await chmod(top, 0o755)
  folder = join(top, 'postgres')
})

afterEach(async () => {
  for (const { close } of opened.splice(0).reverse()) await close()
})

afterAll(() => rm(top, { recursive: true }))

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) {
  const server = await startEmbeddedPostgres({ folder, ...options })
  opened.push({ close: () => server.stop() })
  return server
}

function connect({ url }: Pick<EmbeddedPostgres, 'url'>, name = 'scenario') {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: name } })
  opened.push({ close: () => sql.end() })
  return sql
}

async function postmasterOf({ dataFolder }: Pick<EmbeddedPostgres, 'dataFolder'>): Promise<number> {
  return Number.parseInt(await readFile(join(dataFolder, 'postmaster.pid'), 'utf8'), 10)
}

async function isRunning({ dataFolder }: Pick<EmbeddedPostgres, 'dataFolder'>): Promise<boolean> {
  const { clusterName } = JSON.parse(await readFile(join(dirname(dataFolder), 'secrets.json'), 'utf8'))
  return (await listServerProcesses({ clusterName, dataFolder })).length > 0
}

async function killPostmaster(server: EmbeddedPostgres): Promise<number> {
  const pid = await postmasterOf(server)
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Another Tocsin: a process that starts the database, says what it got, and stops it on SIGTERM. */
function spawnTocsin() {
  const script = `
    import { startEmbeddedPostgres } from '#db/embedded.ts'
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} })
    process.on('SIGTERM', () => server.stop())
    console.log(JSON.stringify(server))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  opened.push({ close: () => end(child, 'SIGKILL') })
  return { child, server: readServer(child) }
}

async function readServer({ stdout }: ChildProcess): Promise<EmbeddedPostgres> {
  if (!stdout) throw new Error('The other Tocsin has no output to read')
  const [line] = await once(createInterface(stdout), 'line')
  return JSON.parse(String(line))
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

describe('a cluster through its life', { timeout }, () => {
  test('the first start makes it private, durable and reachable from this machine alone', async () => {
    const server = await start()
    const sql = connect(server)
    const secrets = await stat(join(dirname(server.dataFolder), 'secrets.json'))

    expect(server).toMatchObject({ version: '18.4', adopted: false })
    expect((await stat(server.dataFolder)).mode & 0o777).toBe(0o700)
    expect(secrets.mode & 0o777).toBe(0o600)
    expect(
      await sql`
        select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datlocprovider, datlocale,
          (select rolsuper from pg_roles where rolname = current_user) as superuser
        from pg_database where datname = current_database()`,
    ).toEqual([
      { owner: 'tocsin', encoding: 'UTF8', datlocprovider: 'b', datlocale: 'C.UTF-8', superuser: false },
    ])
    expect(
      await sql`
        select name, setting from pg_settings where name in
          ('data_checksums', 'fsync', 'full_page_writes', 'listen_addresses', 'password_encryption', 'synchronous_commit')
        order by name`,
    ).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'password_encryption', setting: 'scram-sha-256' },
      { name: 'synchronous_commit', setting: 'on' },
    ])
    const stranger = connect({ url: server.url.replace(/:[0-9a-f]+@/, ':guess@') })
    await expect(stranger`select 1`).rejects.toMatchObject({ code: '28P01' })
  })

  test('a restart keeps its rows and its address', async () => {
    const before = await start()
    const sql = connect(before)
    await sql`create table lives (what text)`
    await sql`insert into lives values ('restarted')`
    await sql.end()
    await before.stop()
    await expect.poll(() => isRunning(before), until).toBe(false)

    const after = await start()
    expect(after).toMatchObject({ url: before.url, adopted: false })
    expect(await connect(after)`select what from lives`).toEqual([{ what: 'restarted' }])
  })

  test('stopping twice stops once', async () => {
    const server = await start()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    await expect(readFile(join(server.dataFolder, 'postmaster.pid'))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('a port that was taken meanwhile is given up for a free one', async () => {
    const before = await start()
    await before.stop()
    const port = Number(new URL(before.url).port)
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    opened.push({ close: () => squatter.close() })

    const after = await start()
    expect(Number(new URL(after.url).port)).not.toBe(port)
    expect(await connect(after)`select 1 as answer`).toEqual([{ answer: 1 }])
  })

  test('a server whose Tocsin was killed is taken over, with every row', async () => {
    const other = spawnTocsin()
    const left = await other.server
    const sql = connect(left)
    await sql`create table witnesses (what text)`
    await sql`insert into witnesses values ('outlived its Tocsin')`
    const pid = await postmasterOf(left)
    await end(other.child, 'SIGKILL')

    const lines: string[] = []
    const server = await start({ report: (line) => lines.push(line) })
    expect(server).toMatchObject({ url: left.url, adopted: true })
    expect(await postmasterOf(server)).toBe(pid)
    expect(lines).toEqual(['Taking over the database server that is already running on this data'])
    expect(await sql`select what from witnesses`).toEqual([{ what: 'outlived its Tocsin' }])
  })

  test('when Tocsin and its server are both killed, the next start recovers what was committed', async () => {
    const other = spawnTocsin()
    const left = await other.server
    const sql = connect(left)
    await sql`create table survivors (id int)`
    await sql`insert into survivors select generate_series(1, 5000)`
    await end(other.child, 'SIGKILL')
    await killPostmaster(left)

    const lines: string[] = []
    const server = await start({ report: (line) => lines.push(line) })
    expect(server.adopted).toBe(false)
    expect(lines).toEqual(['The database was not shut down cleanly; recovering it'])
    expect(await connect(server)`select count(*)::int as rows from survivors`).toEqual([{ rows: 5000 }])
  })

  test('a server killed under a living Tocsin comes back at the same address', async () => {
    const lines: string[] = []
    const server = await start({ report: (line) => lines.push(line) })
    const sql = connect(server)
    await sql`create table phoenix (id int)`
    const killed = await killPostmaster(server)

    await expect.poll(() => postmasterOf(server), until).not.toBe(killed)
    await vi.waitFor(() => sql`insert into phoenix values (1)`, until)
    await expect.poll(() => lines.at(-1), until).toBe('The database server is back')
    expect(lines).toEqual([
      'The database server went away; bringing it back',
      'The database was not shut down cleanly; recovering it',
      'The database server is back',
    ])
  })

  test('a crash of one session is waited out, not mistaken for a dead server', async () => {
    const server = await start()
    const pid = await postmasterOf(server)
    const victim = connect(server)
    const [session] = await victim`select pg_backend_pid() as pid`
    process.kill(Number(session?.['pid']), 'SIGKILL')

    const late = await start()
    expect(late.adopted).toBe(true)
    expect(await connect(late)`select 1 as answer`).toEqual([{ answer: 1 }])
    expect(await postmasterOf(server)).toBe(pid)
  })

  test('two Tocsins that start at once share one server, which the last one stops', async () => {
    const [one, two] = [spawnTocsin(), spawnTocsin()]
    const servers = await Promise.all([one.server, two.server])
    expect(servers.filter(({ adopted }) => adopted)).toHaveLength(1)
    expect(servers[0].url).toBe(servers[1].url)

    await end(one.child, 'SIGTERM')
    expect(await connect(servers[1])`select 1 as answer`).toEqual([{ answer: 1 }])
    await end(two.child, 'SIGTERM')
    await expect.poll(() => isRunning(servers[1]), until).toBe(false)
  })

  test('a stop leaves the server to another Tocsin that is connected', async () => {
    const server = await start()
    const worker = connect(server, 'tocsin workers')
    await worker`select 1`

    await server.stop()
    expect(await worker`select 1 as answer`).toEqual([{ answer: 1 }])
    await worker.end()

    const last = await start()
    expect(last.adopted).toBe(true)
    await last.stop()
    await expect.poll(() => isRunning(last), until).toBe(false)
  })

  test('a server that somebody started by hand is taken over, not started upon', async () => {
    const before = await start()
    await before.stop()
    const { dataFolder } = before
    const { uid, gid } = await stat(dataFolder)
    const options = [
      '-l',
      join(dirname(dataFolder), 'server.log'),
      '-o',
      `-p ${await chooseFreePort()} -k ''`,
    ]
    const pgCtl = join(findNativeFolder(), 'bin', 'pg_ctl')
    await runTool(
      pgCtl,
      ['start', '-w', '-D', dataFolder, ...options],
      uid === process.getuid?.() ? undefined : { name: 'owner', uid, gid },
    )
    const pid = await postmasterOf(before)

    const server = await start()
    expect(server.adopted).toBe(true)
    expect(await postmasterOf(server)).toBe(pid)
  })

  test('a stale lock file that names a stranger, or nobody, does not keep it from starting', async () => {
    const before = await start()
    await before.stop()
    const { dataFolder } = before
    const { uid, gid } = await stat(dataFolder)
    const stranger = spawn('sleep', ['600'], { uid, gid })
    opened.push({ close: () => end(stranger, 'SIGKILL') })
    for (const content of [`${stranger.pid}\n${dataFolder}\n1\n1\n\n127.0.0.1\n\nready\n`, '']) {
      await writeFile(join(dataFolder, 'postmaster.pid'), content)
      const server = await start()
      expect(server.adopted).toBe(false)
      expect(await connect(server)`select 1 as answer`).toEqual([{ answer: 1 }])
      await server.stop()
    }
    expect(stranger.exitCode).toBeNull()
  })
})

test('install scripts that were blocked are made good', { timeout }, async () => {
  const packageFolder = join(top, 'package')
  await cp(dirname(findNativeFolder()), packageFolder, { recursive: true, verbatimSymlinks: true })
  const libraries = join(packageFolder, 'native', 'lib')
  for (const entry of await readdir(libraries, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(libraries, entry.name))
  }

  const nativeFolder = join(packageFolder, 'native')
  const server = await start({ folder: join(top, 'blocked'), nativeFolder })
  expect(await connect(server)`select 1 as answer`).toEqual([{ answer: 1 }])
  expect((await lstat(join(libraries, 'libicuuc.so.60'))).isSymbolicLink()).toBe(true)
})

test('a checkout below a closed home works, whoever we are', { timeout }, async () => {
  const home = join(top, 'home')
  await mkdir(home, { mode: 0o700 })
  const nativeFolder = join(home, 'node_modules', 'native')
  await cp(dirname(findNativeFolder()), dirname(nativeFolder), { recursive: true, verbatimSymlinks: true })

  const lines: string[] = []
  const asked = join(home, 'checkout', '.tocsin', 'postgres')
  const options = { folder: asked, nativeFolder, report: (line: string) => lines.push(line) }
  const server = await start(options)
  const isMoved = process.getuid?.() === 0
  if (isMoved) opened.unshift({ close: () => rm(dirname(dirname(server.dataFolder)), { recursive: true }) })

  expect(server.dataFolder).toMatch(isMoved ? /^\/var\/lib\/tocsin\/[0-9a-f]{12}\/cluster\/data$/ : asked)
  expect(lines.some((line) => line.includes(dirname(dirname(server.dataFolder))))).toBe(isMoved)
  await connect(server)`create table moved (id int)`
  await connect(server)`insert into moved values (1)`
  await opened.pop()?.close()
  await opened.pop()?.close()
  await server.stop()

  const again = await start(options)
  expect(again).toMatchObject({ adopted: false, dataFolder: server.dataFolder })
  expect(await connect(again)`select id from moved`).toEqual([{ id: 1 }])
})
