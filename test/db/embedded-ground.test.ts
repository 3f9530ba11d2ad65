import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEmbeddedPostgres } from '#db/embedded.ts'
import { canReach, chooseAccount, findAccount } from '#db/embedded/account.ts'
import { findNativeFolder } from '#db/embedded/binaries.ts'
import { withLock } from '#db/embedded/lock.ts'
import { trimLog } from '#db/embedded/log.ts'
import { belongsTo, parsePs } from '#db/embedded/processes.ts'
import { chooseFreePort, isFree } from '#db/embedded/port.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-ground-'))
})

afterAll(() => rm(folder, { recursive: true }))

describe('the account a root process gives the database to', () => {
  const root = 'root:x:0:0:root:/root:/bin/bash'
  const daemon = 'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin'
  const person = 'ada:x:1000:1000:Ada:/home/ada:/bin/bash'
  const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'
  const postgres = 'postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash'

  test.each([
    { machine: 'with a postgres account', passwd: [root, nobody, postgres], chosen: 'postgres' },
    { machine: 'with nobody', passwd: [root, daemon, person, nobody], chosen: 'nobody' },
    { machine: 'with a system account', passwd: [root, person, daemon], chosen: 'daemon' },
    { machine: 'with people only', passwd: [root, person], chosen: undefined },
    { machine: 'with root under another name', passwd: ['postgres:x:0:0::/:/bin/sh'], chosen: undefined },
    { machine: 'with a damaged passwd', passwd: ['# none', 'nobody:x:-2:-2', ''], chosen: undefined },
  ])('on a machine $machine is $chosen', ({ passwd, chosen }) => {
    expect(chooseAccount(passwd.join('\n'))?.name).toBe(chosen)
  })

  test('is asked for in plain words when there is none', async () => {
    await expect(findAccount(join(folder, 'no-such-passwd'))).rejects.toThrow(/useradd .*DATABASE_URL/)
  })

  test('reaches a folder only when every folder on the way lets it pass', async () => {
    const stranger = { name: 'stranger', uid: 64_321, gid: 64_321 }
    const inner = join(folder, 'outer', 'inner')
    await mkdir(inner, { recursive: true })
    await chmod(folder, 0o711)
    await chmod(inner, 0o755)
    await chmod(join(folder, 'outer'), 0o711)
    expect(await canReach(inner, stranger)).toBe(true)
    await chmod(join(folder, 'outer'), 0o700)
    expect(await canReach(inner, stranger)).toBe(false)
    const { uid, gid } = await stat(inner)
    expect(await canReach(join(folder, 'outer'), { name: 'owner', uid, gid })).toBe(true)
  })
})

test('a platform without binaries is told what to do', () => {
  expect(() => findNativeFolder('plan9-mips')).toThrow(
    /No embedded PostgreSQL is installed for plan9-mips\. .*DATABASE_URL/,
  )
})

describe('a process of the server named tocsin-1', () => {
  const postgres = '/srv/node_modules/native/bin/postgres'
  test.each([
    [true, 'the postmaster', `${postgres} -D /srv/data -p 20000 -c cluster_name=tocsin-1`],
    [true, 'a child', 'postgres: tocsin-1: checkpointer'],
    [true, 'a child at work for a client', 'postgres: tocsin-1: tocsin tocsin 127.0.0.1(40000) idle'],
    [true, 'the postmaster when started by hand', `${postgres} -D /srv/tocsin/data`],
    [false, 'the postmaster of a folder with a longer name', `${postgres} -D /srv/tocsin/data2`],
    [
      false,
      'the postmaster of another cluster',
      `${postgres} -D /srv/data -p 20000 -c cluster_name=tocsin-12`,
    ],
    [false, 'a child of another cluster', 'postgres: tocsin-12: checkpointer'],
    [false, 'the shell that is about to become it', `/bin/sh -c exec "${postgres}" -c cluster_name=tocsin-1`],
    [false, 'the tool that starts it', '/srv/native/bin/pg_ctl start --options=-c cluster_name=tocsin-1'],
    [false, 'an editor on its log', 'vi /srv/postgres/tocsin-1.log'],
    [false, 'a process that has ended', ''],
  ])('%s for %s', (expected, _who, command) => {
    expect(belongsTo(command, { clusterName: 'tocsin-1', dataFolder: '/srv/tocsin/data' })).toBe(expected)
  })

  test('is found in the output of ps, where there is no /proc', () => {
    expect(parsePs('    7 /opt/my programs/postgres -D x\n12345 postgres: a: b \n\n')).toEqual([
      { pid: 7, command: '/opt/my programs/postgres -D x' },
      { pid: 12_345, command: 'postgres: a: b' },
    ])
  })
})

describe('the port', () => {
  test('is free, and below those the kernel gives to outgoing connections', async () => {
    const port = await chooseFreePort()
    expect(port).toBeGreaterThanOrEqual(15_432)
    expect(port).toBeLessThan(32_768)
    expect(await isFree(port)).toBe(true)
  })

  test('is not free while somebody listens on it', async () => {
    const port = await chooseFreePort()
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    expect(await isFree(port)).toBe(false)
    server.close()
  })
})

describe('the lock', () => {
  test('lets one work at a time, and the next one even when the first failed', async () => {
    const file = join(folder, 'turns')
    const order: string[] = []
    let next: Promise<unknown> | undefined
    const failing = withLock(file, async () => {
      next = withLock(file, async () => order.push('second'))
      await isFree(await chooseFreePort())
      order.push('first')
      throw new Error('first failed')
    })
    await expect(failing).rejects.toThrow('first failed')
    await next
    expect(order).toEqual(['first', 'second'])
  })

  test('dies with a process that was killed', async () => {
    const file = join(folder, 'killed')
    const script = `
      import { setTimeout as sleep } from 'node:timers/promises'
      import { withLock } from '#db/embedded/lock.ts'
      await withLock(${JSON.stringify(file)}, async () => {
        for (;;) {
          console.log('held')
          await sleep(10)
        }
      })`
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    let isKilled = false
    const waiting = withLock(file, async () => isKilled)
    await once(holder.stdout, 'data')
    const exited = once(holder, 'exit')
    isKilled = true
    holder.kill('SIGKILL')
    await exited
    expect(await waiting).toBe(true)
  })
})

test('a log that grew too long moves aside, and the server goes on writing at its start', async () => {
  const log = join(folder, 'server.log')
  await writeFile(log, 'short\n')
  await trimLog(log)
  expect(await readFile(log, 'utf8')).toBe('short\n')

  await writeFile(log, 'x'.repeat(5 * 2 ** 20 + 1))
  await trimLog(log)
  expect((await stat(log)).size).toBe(0)
  expect((await stat(`${log}.1`)).size).toBe(5 * 2 ** 20 + 1)
})

test('data of another PostgreSQL is left alone, and the way out is named', async () => {
  const old = join(folder, 'old')
  await mkdir(join(old, 'cluster', 'data'), { recursive: true })
  await writeFile(join(old, 'cluster', 'data', 'PG_VERSION'), '17\n')
  await expect(startEmbeddedPostgres({ folder: old })).rejects.toThrow(
    /The database in .*old\/cluster\/data was made by PostgreSQL 17, and this Tocsin brings 18\. .*pg_dump/,
  )
})

test('damaged secrets are named without being shown', async () => {
  const damaged = join(folder, 'damaged')
  await mkdir(join(damaged, 'cluster', 'data'), { recursive: true })
  await writeFile(join(damaged, 'cluster', 'data', 'PG_VERSION'), '18\n')
  await writeFile(join(damaged, 'cluster', 'secrets.json'), '{"password":"hunter2"')
  const failure = startEmbeddedPostgres({ folder: damaged })
  await expect(failure).rejects.toThrow(/secrets\.json is damaged\. Bring it back from a backup/)
  await expect(failure).rejects.not.toThrow(/hunter2/)
})
