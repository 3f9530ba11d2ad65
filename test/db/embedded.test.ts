import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { findNativeFolder } from '#db/embedded/binaries.ts'
import { chooseFreePort } from '#db/embedded/port.ts'
import { runTool } from '#db/embedded/tool.ts'
import {
  type EmbeddedServers,
  embeddedServers,
  end,
  isRunning,
  killPostmaster,
  postmasterOf,
} from '#test/harness/embedded-servers.ts'

const timeout = 60_000
const until = { timeout: 20_000, interval: 25 }

let servers: EmbeddedServers

beforeAll(async () => {
  servers = await embeddedServers()
})
afterEach(() => servers.closeAll())
afterAll(() => servers.remove())

describe('a cluster through its life', { timeout }, () => {
  test('the first start makes it private, durable and reachable from this machine alone', async () => {
    const server = await servers.start()
    const sql = servers.connect(server)
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
    const stranger = servers.connect({ url: server.url.replace(/:[0-9a-f]+@/, ':guess@') })
    await expect(stranger`select 1`).rejects.toMatchObject({ code: '28P01' })
  })

  test('a restart keeps its rows and its address', async () => {
    const before = await servers.start()
    const sql = servers.connect(before)
    await sql`create table lives (what text)`
    await sql`insert into lives values ('restarted')`
    await sql.end()
    await before.stop()
    await expect.poll(() => isRunning(before), until).toBe(false)

    const after = await servers.start()
    expect(after).toMatchObject({ url: before.url, adopted: false })
    expect(await servers.connect(after)`select what from lives`).toEqual([{ what: 'restarted' }])
  })

  test('stopping twice stops once', async () => {
    const server = await servers.start()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    await expect(readFile(join(server.dataFolder, 'postmaster.pid'))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('a port that was taken meanwhile is given up for a free one', async () => {
    const before = await servers.start()
    await before.stop()
    const port = Number(new URL(before.url).port)
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    servers.later(() => squatter.close())

    const after = await servers.start()
    expect(Number(new URL(after.url).port)).not.toBe(port)
    expect(await servers.connect(after)`select 1 as answer`).toEqual([{ answer: 1 }])
  })

  test('a server whose Tocsin was killed is taken over, with every row', async () => {
    const other = servers.spawnTocsin()
    const left = await other.server
    const sql = servers.connect(left)
    await sql`create table witnesses (what text)`
    await sql`insert into witnesses values ('outlived its Tocsin')`
    const pid = await postmasterOf(left)
    await end(other.child, 'SIGKILL')

    const lines: string[] = []
    const server = await servers.start({ report: (line) => lines.push(line) })
    expect(server).toMatchObject({ url: left.url, adopted: true })
    expect(await postmasterOf(server)).toBe(pid)
    expect(lines).toEqual(['Taking over the database server that is already running on this data'])
    expect(await sql`select what from witnesses`).toEqual([{ what: 'outlived its Tocsin' }])
  })

  test('when Tocsin and its server are both killed, the next start recovers what was committed', async () => {
    const other = servers.spawnTocsin()
    const left = await other.server
    const sql = servers.connect(left)
    await sql`create table survivors (id int)`
    await sql`insert into survivors select generate_series(1, 5000)`
    await end(other.child, 'SIGKILL')
    await killPostmaster(left)

    const lines: string[] = []
    const server = await servers.start({ report: (line) => lines.push(line) })
    expect(server.adopted).toBe(false)
    expect(lines).toEqual(['The database was not shut down cleanly; recovering it'])
    expect(await servers.connect(server)`select count(*)::int as rows from survivors`).toEqual([
      { rows: 5000 },
    ])
  })

  test('a server killed under a living Tocsin comes back at the same address', async () => {
    const lines: string[] = []
    const server = await servers.start({ report: (line) => lines.push(line) })
    const sql = servers.connect(server)
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
    const server = await servers.start()
    const pid = await postmasterOf(server)
    const victim = servers.connect(server)
    const [session] = await victim`select pg_backend_pid() as pid`
    process.kill(Number(session?.['pid']), 'SIGKILL')

    const late = await servers.start()
    expect(late.adopted).toBe(true)
    expect(await servers.connect(late)`select 1 as answer`).toEqual([{ answer: 1 }])
    expect(await postmasterOf(server)).toBe(pid)
  })

  test('two Tocsins that start at once share one server, which the last one stops', async () => {
    const [one, two] = [servers.spawnTocsin(), servers.spawnTocsin()]
    const started = await Promise.all([one.server, two.server])
    expect(started.filter(({ adopted }) => adopted)).toHaveLength(1)
    expect(started[0].url).toBe(started[1].url)

    await end(one.child, 'SIGTERM')
    expect(await servers.connect(started[1])`select 1 as answer`).toEqual([{ answer: 1 }])
    await end(two.child, 'SIGTERM')
    await expect.poll(() => isRunning(started[1]), until).toBe(false)
  })

  test('a stop leaves the server to another Tocsin that is connected', async () => {
    const server = await servers.start()
    const worker = servers.connect(server, 'tocsin workers')
    await worker`select 1`

    await server.stop()
    expect(await worker`select 1 as answer`).toEqual([{ answer: 1 }])
    await worker.end()

    const last = await servers.start()
    expect(last.adopted).toBe(true)
    await last.stop()
    await expect.poll(() => isRunning(last), until).toBe(false)
  })

  test('a server that somebody started by hand is taken over, not started upon', async () => {
    const before = await servers.start()
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

    const server = await servers.start()
    expect(server.adopted).toBe(true)
    expect(await postmasterOf(server)).toBe(pid)
  })

  test('a stale lock file that names a stranger, or nobody, does not keep it from starting', async () => {
    const before = await servers.start()
    await before.stop()
    const { dataFolder } = before
    const { uid, gid } = await stat(dataFolder)
    const stranger = spawn('sleep', ['600'], { uid, gid })
    servers.later(() => end(stranger, 'SIGKILL'))
    for (const content of [`${stranger.pid}\n${dataFolder}\n1\n1\n\n127.0.0.1\n\nready\n`, '']) {
      await writeFile(join(dataFolder, 'postmaster.pid'), content)
      const server = await servers.start()
      expect(server.adopted).toBe(false)
      expect(await servers.connect(server)`select 1 as answer`).toEqual([{ answer: 1 }])
      await server.stop()
    }
    expect(stranger.exitCode).toBeNull()
  })
})
