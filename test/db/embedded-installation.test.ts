import { cp, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { findNativeFolder } from '#db/embedded/binaries.ts'
import { type EmbeddedServers, embeddedServers } from '#test/harness/embedded-servers.ts'

const timeout = 60_000

let servers: EmbeddedServers

beforeAll(async () => {
  servers = await embeddedServers()
})
afterEach(() => servers.closeAll())
afterAll(() => servers.remove())

test('install scripts that were blocked are made good', { timeout }, async () => {
  const packageFolder = join(servers.top, 'package')
  await cp(dirname(findNativeFolder()), packageFolder, { recursive: true, verbatimSymlinks: true })
  const libraries = join(packageFolder, 'native', 'lib')
  for (const entry of await readdir(libraries, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(libraries, entry.name))
  }

  const nativeFolder = join(packageFolder, 'native')
  const server = await servers.start({ folder: join(servers.top, 'blocked'), nativeFolder })
  expect(await servers.connect(server)`select 1 as answer`).toEqual([{ answer: 1 }])
  expect((await lstat(join(libraries, 'libicuuc.so.60'))).isSymbolicLink()).toBe(true)
})

test('a checkout below a closed home works, whoever we are', { timeout }, async () => {
  const home = join(servers.top, 'home')
  await mkdir(home, { mode: 0o700 })
  const nativeFolder = join(home, 'node_modules', 'native')
  await cp(dirname(findNativeFolder()), dirname(nativeFolder), { recursive: true, verbatimSymlinks: true })

  const lines: string[] = []
  const asked = join(home, 'checkout', '.tocsin', 'postgres')
  const options = { folder: asked, nativeFolder, report: (line: string) => lines.push(line) }
  const server = await servers.start(options)
  const isMoved = process.getuid?.() === 0
  if (isMoved) onTestFinished(() => rm(dirname(dirname(server.dataFolder)), { recursive: true }))

  expect(server.dataFolder).toMatch(isMoved ? /^\/var\/lib\/tocsin\/[0-9a-f]{12}\/cluster\/data$/ : asked)
  expect(lines.some((line) => line.includes(dirname(dirname(server.dataFolder))))).toBe(isMoved)
  const sql = servers.connect(server)
  await sql`create table moved (id int)`
  await sql`insert into moved values (1)`
  await sql.end()
  await server.stop()

  const again = await servers.start(options)
  expect(again).toMatchObject({ adopted: false, dataFolder: server.dataFolder })
  expect(await servers.connect(again)`select id from moved`).toEqual([{ id: 1 }])
})
