import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import { openEmbeddedHouse, until, type EmbeddedHouse } from './embedded-house.ts'

const storePath = fileURLToPath(new URL('../../../workers/telemetry/embedded-store.ts', import.meta.url))

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let house: EmbeddedHouse
const stores: TelemetryStore[] = []

beforeEach(async () => {
  house = await openEmbeddedHouse()
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await house.close()
})

function storeAt(url: string): TelemetryStore {
  const store = openTelemetryStore({ url })
  stores.push(store)
  return store
}

async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !/\) Z /.test(status)
}

/** A role in a process of its own, which can be killed the hard way. */
async function startRoleElsewhere(spanMs: number): Promise<{ url: string; kill(): Promise<void> }> {
  const script = `
    import { startEmbeddedClickHouse } from ${JSON.stringify(storePath)}
    const role = await startEmbeddedClickHouse(${JSON.stringify({ folder: house.folder, spanMs })})
    console.log(role.url)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: line.toString().trim(),
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe('one engine for every role', () => {
  test('the first role starts it, the second finds it, and it ends with the last one to leave', async () => {
    const [first, second] = [await house.start(), await house.start()]
    expect([first.adopted, second.adopted]).toEqual([false, true])
    expect(second.url).toBe(first.url)
    const pid = await house.enginePid()
    await first.stop()
    await storeAt(second.url).ping()
    await second.stop()
    await second.stop()
    await until('the engine has ended', async () => !(await isRunning(pid)))
  })

  test('of roles starting at the same moment exactly one starts the engine', async () => {
    const roles = await Promise.all([house.start(), house.start(), house.start()])
    expect(roles.filter(({ adopted }) => !adopted)).toHaveLength(1)
    expect(new Set(roles.map(({ url }) => url)).size).toBe(1)
  })

  test('rows and address survive a stop and a start', async () => {
    const before = await house.start()
    await storeAt(before.url).command('CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a')
    await storeAt(before.url).insert('kept', [{ a: 1 }, { a: 2 }])
    await before.stop()
    const after = await house.start()
    expect(after.url).toBe(before.url)
    expect(await storeAt(after.url).query('SELECT a FROM kept')).toEqual([{ a: 1 }, { a: 2 }])
  })

  test('an engine whose port was taken meanwhile answers at another', async () => {
    const before = await house.start()
    await before.stop()
    const squatter = createServer().listen(Number(new URL(before.url).port), '127.0.0.1')
    await once(squatter, 'listening')
    try {
      const after = await house.start()
      expect(new URL(after.url).port).not.toBe(new URL(before.url).port)
      await storeAt(after.url).ping()
    } finally {
      squatter.close()
    }
  })

  test('its password is readable by this user alone and stands in no command line', async () => {
    const { url } = await house.start()
    const { password } = new URL(url)
    expect((await stat(house.folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(house.folder, 'endpoint.json'))).mode & 0o777).toBe(0o600)
    const process = `/proc/${await house.enginePid()}`
    expect(await readFile(`${process}/cmdline`, 'utf8')).not.toContain(password)
    expect(await readFile(`${process}/environ`, 'utf8')).not.toContain('PATH=')
  })
})

describe('deaths', () => {
  test('a killed engine comes back at the same address with every acknowledged row', async () => {
    const role = await house.start()
    const store = storeAt(role.url)
    await store.command('CREATE TABLE acknowledged (a UInt32) ENGINE = MergeTree ORDER BY a')
    let written = 0
    const writing = (async () => {
      for (;;) {
        await store.insert('acknowledged', [{ a: written }])
        written += 1
      }
    })()
    const died = expect(writing).rejects.toMatchObject({
      name: 'TelemetryUnavailable',
      because: 'unreachable',
    })
    await until('some rows are written', async () => written >= 20)
    process.kill(await house.enginePid(), 'SIGKILL')
    await died
    await until('it answers again', () =>
      store.ping().then(
        () => true,
        () => false,
      ),
    )
    const [counted] = await store.query<{ rows: number }>(
      'SELECT toUInt32(uniqExact(a)) AS rows FROM acknowledged',
    )
    expect(counted?.rows).toBeGreaterThanOrEqual(written)
    await until('the role has said so', async () =>
      house.lines.some((line) => line.includes('was started again')),
    )
  })

  test('an engine left by a killed role is found by the next one', async () => {
    const role = await startRoleElsewhere(30_000)
    const pid = await house.enginePid()
    await role.kill()
    const next = await house.start()
    expect(next.adopted).toBe(true)
    expect(await house.enginePid()).toBe(pid)
  })

  test('an engine no role calls in at ends by itself', async () => {
    const role = await startRoleElsewhere(1_000)
    const pid = await house.enginePid()
    await storeAt(role.url).ping()
    expect(await isRunning(pid)).toBe(true)
    await role.kill()
    await until('the orphan is gone', async () => !(await isRunning(pid)))
  })

  test('an engine stays while its role calls in, however quiet it is', async () => {
    const role = await house.start(600)
    const pid = await house.enginePid()
    const start = performance.now()
    await until('several spans have passed', async () => performance.now() - start > 2_500)
    expect(await house.enginePid()).toBe(pid)
    await storeAt(role.url).ping()
  })
})

test('without the engine package the start ends in a sentence that says what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bare-'))
  try {
    await cp(join(storePath, '..'), folder, { recursive: true })
    await mkdir(join(folder, 'node_modules'))
    const zod = fileURLToPath(import.meta.resolve('zod/package.json'))
    await symlink(join(zod, '..'), join(folder, 'node_modules/zod'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const script = `
      import { startEmbeddedClickHouse } from ${JSON.stringify(join(folder, 'embedded-store.ts'))}
      await startEmbeddedClickHouse({ folder: ${JSON.stringify(join(folder, 'data'))} }).catch((error) => console.log(error.message))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    expect(line.toString()).toMatch(
      /could not be started: .*chdb.*set CLICKHOUSE_URL to a ClickHouse of your own/s,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
