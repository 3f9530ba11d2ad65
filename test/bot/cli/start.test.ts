import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { testDatabase } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { findClusterPlace } from '#workers/demo/cluster-place.ts'
import { freePort, processesIn, startTocsin, type TocsinProcess } from '#test/harness/tocsin-process.ts'

let folder: string
let port: number
const started: TocsinProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-start-'))
  await chmod(folder, 0o755)
  port = await freePort()
})

afterEach(async () => {
  for (const one of started.splice(0)) {
    one.signal('SIGTERM')
    await one.ended()
  }
})

afterAll(async () => {
  // The engine would wait half a minute for the return of the role that was killed.
  for (const { pid } of await processesIn(folder)) process.kill(pid, 'SIGTERM')
  await eventually('the last process to be gone', async () => (await processesIn(folder)).length === 0)
  await rm(folder, { recursive: true, force: true })
})

function start(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  node?: string,
): TocsinProcess {
  const one = startTocsin(
    words,
    { TOCSIN_DATA: folder, PORT: String(port), TOCSIN_ZONE: 'UTC', ...variables },
    node,
  )
  started.push(one)
  return one
}

async function headlines(): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/chat/messages`)
  const { messages } = (await answer.json()) as { messages: { message: { headline: string } }[] }
  return messages.map(({ message }) => message.headline)
}

test('a fresh start tells what it does, and within a minute something deserves a person; a signal ends all of it', async () => {
  const first = start(['start'])
  await first.prints('Ready.', 50_000)
  const parts = ['database', 'queue', 'telemetry', 'chat', 'rules', 'demo', 'workers']
  expect(
    first
      .output()
      .match(/^ {2}[a-z]+/gm)
      ?.map((part) => part.trim()),
  ).toEqual(parts)
  expect(first.output()).toContain(`local chat at http://127.0.0.1:${port}`)
  expect(first.output()).toContain('and a made-up Elasticsearch and Kubernetes')
  expect(first.output()).toContain('16 starter rules')
  await eventually('a first alert in the local chat', async () => (await headlines()).length > 0, 60_000)

  first.signal('SIGTERM')
  expect(await first.ended()).toBe(0)
  expect(first.output()).toContain('Stopping …')
  expect(first.output()).not.toContain('is not there')
  expect(await findClusterPlace(join(folder, 'demo'))).toBeUndefined()
  await eventually(
    'every process of its own to be gone',
    async () => (await processesIn(folder)).length === 0,
  )
}, 120_000)

test('a kill loses nothing: the next start takes over what still runs, and the alerts are there', async () => {
  const first = start(['start', '--no-demo'])
  await first.prints('Ready.')
  const before = await headlines()
  expect(before.length).toBeGreaterThan(0)
  first.signal('SIGKILL')
  expect(await first.ended()).toBe(null)

  const second = start(['start', '--no-demo'])
  await second.prints('Ready.')
  expect(second.output()).toMatch(/database +PostgreSQL .* of our own, still running/)
  expect(second.output()).not.toMatch(/^ {2}demo/m)
  expect(await headlines()).toEqual(expect.arrayContaining(before))
  second.signal('SIGTERM')
  expect(await second.ended()).toBe(0)
}, 120_000)

test('nobody reads what it prints any more: it works on, and ends in order', async () => {
  // A pipe of the shell's: what Node hands to a child is a socket, whose end it takes more lightly.
  const node = join(folder, 'node-read-for-one-line')
  await writeFile(node, `#!/usr/bin/env bash\nexec '${process.execPath}' "$@" > >(head -n 1)\n`, {
    mode: 0o755,
  })
  const one = start(['start', '--no-demo'], {}, node)
  const isReady = async () =>
    (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200
  await eventually('it to be ready', isReady, 60_000)
  one.signal('SIGTERM')
  expect(await one.ended()).toBe(0)
}, 120_000)

test('a port that is taken ends the start with one sentence', async () => {
  const database = await testDatabase()
  const squatter = createServer().listen(port, '127.0.0.1')
  try {
    const one = start(['start'], { DATABASE_URL: database.url, CLICKHOUSE_URL: inject('clickHouseUrl') })
    expect(await one.ended(60_000)).toBe(1)
    expect(one.output().trim().split('\n').at(-1)).toBe(
      `Tocsin cannot start: port ${port} is taken. Stop what uses it, or set PORT to another one.`,
    )
    expect(one.output()).not.toMatch(/^\s+at /m)
  } finally {
    squatter.close()
    await database.close()
  }
}, 90_000)

test("Flapjack's JSON API has a port of its own where one is named, and leaves it when it ends", async () => {
  const database = await testDatabase()
  const own = await freePort()
  const one = start(['bot'], {
    DATABASE_URL: database.url,
    CLICKHOUSE_URL: inject('clickHouseUrl'),
    FLAPJACK_API_PORT: String(own),
  })
  await one.prints('Ready.', 60_000)
  expect(one.output()).toContain(`JSON API 1.x at port ${own}`)
  const answer = await fetch(`http://127.0.0.1:${own}/contacts`)
  expect(await answer.json()).toEqual({ contacts: [] })
  one.signal('SIGTERM')
  expect(await one.ended()).toBe(0)
  await expect(fetch(`http://127.0.0.1:${own}/contacts`)).rejects.toThrow('fetch failed')
  await database.close()
}, 90_000)

test('a database that turns us away ends the start clearly, without its password, and leaves nothing running', async () => {
  const url = new URL(inject('postgresUrl'))
  url.password = 'not-the-password'
  const other = await mkdtemp(join(tmpdir(), 'tocsin-start-'))
  const one = start(['workers'], { DATABASE_URL: url.href, TOCSIN_DATA: other })
  expect(await one.ended(60_000)).toBe(1)
  expect(one.output()).toMatch(
    /Tocsin cannot start: The database at 127\.0\.0\.1:\d+ turned us away: .*\. Check DATABASE_URL\.\n$/,
  )
  expect(one.output()).not.toContain('not-the-password')
  await eventually('the engine it had begun to be gone', async () => (await processesIn(other)).length === 0)
  await rm(other, { recursive: true, force: true })
}, 90_000)

test.each([
  [
    ['start'],
    { PORT: 'http' },
    1,
    /Tocsin cannot start: the environment is not right\.\n {2}PORT: found "http"/,
  ],
  [['dance'], {}, 2, /tocsin start +everything in one process/],
  [['--help'], {}, 0, /tocsin start +everything in one process/],
  [['start', '--loud'], {}, 1, /Tocsin cannot start: Unknown option '--loud'\. See npx tocsin --help\.$/m],
])('%j with %j ends with code %d', async (words, variables, code, said) => {
  const one = start(words, variables)
  expect(await one.ended()).toBe(code)
  expect(one.output()).toMatch(said)
})

test('a Node that is too old says so in one sentence', async (context) => {
  const old = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, 'node'))
    .find((path) => versionOf(path) < 22)
  if (old === undefined) return context.skip('no Node older than 22 is on PATH')
  const one = startTocsin(['start'], {}, old)
  expect(await one.ended()).toBe(1)
  expect(one.output()).toMatch(
    /^Tocsin needs Node 22\.18 or newer; this is \d+\.\d+\.\d+\. Start it with "npm start".*\n$/,
  )
})

function versionOf(path: string): number {
  try {
    return Number(
      execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8', stdio: 'pipe' }),
    )
  } catch {
    return Infinity
  }
}
