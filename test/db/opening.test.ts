import { connect, createServer } from 'node:net'
import postgres from 'postgres'
import { expect, inject, test } from 'vitest'
import { openMemory } from '#db/client.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { waitForDatabase } from '#db/wait-for-database.ts'
import { testDatabase } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { freePort } from '#test/harness/tocsin-process.ts'

/** The sentence it ends with; undefined where the database answered. */
async function waited(url: string, patienceMs: number, lines: string[] = []): Promise<string | undefined> {
  return waitForDatabase({ url, patienceMs, report: (line) => lines.push(line) }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

test('a database that answers is not waited for', async () => {
  const lines: string[] = []
  expect(await waited(inject('postgresUrl'), 0, lines)).toBeUndefined()
  expect(lines).toEqual([])
})

test('one that is down is waited for with a visible line, then the start ends clearly', async () => {
  const lines: string[] = []
  const host = `127.0.0.1:${await freePort()}`
  expect(await waited(`postgres://u:hunter2@${host}/x`, 600, lines)).toBe(
    `The database at ${host} did not answer for 1 s (ECONNREFUSED). Start it, or check DATABASE_URL.`,
  )
  expect(lines[0]).toBe(`Waiting for the database at ${host} (ECONNREFUSED) …`)
})

test('one that comes up meanwhile is enough', async () => {
  const port = await freePort()
  const real = new URL(inject('postgresUrl'))
  const url = new URL(real)
  url.port = String(port)
  const lines: string[] = []
  const waiting = waited(url.href, 20_000, lines)
  await eventually('the first line', () => lines.length > 0)
  const door = createServer((near) => {
    const far = connect(Number(real.port), real.hostname)
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  }).listen(port, '127.0.0.1')
  expect(await waiting).toBeUndefined()
  door.close()
})

test.each([
  ['a wrong password', (url: URL) => (url.password = 'hunter2')],
  ['a database that does not exist', (url: URL) => (url.pathname = '/nowhere')],
])('%s is told at once, however patient we are, and without the password', async (_what, spoil) => {
  const url = new URL(inject('postgresUrl'))
  spoil(url)
  const said = await waited(url.href, 60_000)
  expect(said).toMatch(/^The database at 127\.0\.0\.1:\d+ turned us away: .+ Check DATABASE_URL\.$/)
  expect(said).not.toContain('hunter2')
})

test('processes that start together migrate one after the other', async () => {
  const database = await testDatabase()
  const empty = postgres(database.url, { max: 1, onnotice: () => undefined })
  await empty`drop schema public cascade`
  await empty`drop schema if exists drizzle cascade`
  await empty`create schema public`
  await Promise.all([1, 2, 3].map(() => migrateDatabase(database.url)))
  const tables = await empty<
    { name: string }[]
  >`select table_name as name from information_schema.tables where table_schema = 'public'`
  expect(tables.map(({ name }) => name)).toContain('alerts')
  await empty.end()
  await database.close()
})

test('a hold belongs to one process until it lets go, and a NOTIFY reaches whoever listens', async () => {
  const database = await testDatabase()
  const [one, other] = [1, 2].map(() =>
    openMemory({ url: database.url, name: 'tocsin-test', connections: 2 }),
  )
  if (!one || !other) throw new Error('two memories were opened')
  const release = await one.hold('demo')
  expect(release).toBeDefined()
  expect(await other.hold('demo')).toBeUndefined()
  await release?.()
  const again = await other.hold('demo')
  expect(again).toBeDefined()
  await again?.()

  const heard: string[] = []
  const unlisten = await one.listen('news', (payload) => heard.push(payload))
  await other.db.execute("select pg_notify('news', 'hello')")
  await eventually('the notification', () => heard.length > 0)
  expect(heard).toEqual(['hello'])
  await unlisten()
  await Promise.all([one.close(), other.close()])
  await database.close()
})
