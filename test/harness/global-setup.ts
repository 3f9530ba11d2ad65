import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { startEmbeddedClickHouse } from '#workers/telemetry/embedded-store.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A real PostgreSQL of this run's own; `templateDatabase` in it is migrated and meant to be cloned. */
    postgresUrl: string
    /** A real ClickHouse engine of this run's own. */
    clickHouseUrl: string
  }
}

export const templateDatabase = 'tocsin_template'

/** One server of each kind for the whole run; every test file takes a database of its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-test-'))
  // Run as root, PostgreSQL works under an account of its own, which must get in here.
  await chmod(folder, 0o755)
  const [server, engine] = await Promise.all([
    startEmbeddedPostgres({ folder: join(folder, 'postgres') }),
    startClickHouse(join(folder, 'clickhouse')),
  ])
  const end = async () => {
    await Promise.all([server.stop(), engine.stop()])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await letCreateDatabases(server)
    await makeTemplate(server.url)
  } catch (error) {
    await end()
    throw error
  }
  project.provide('postgresUrl', server.url)
  project.provide('clickHouseUrl', engine.url)
  return end
}

/** The embedded engine, or the server that CLICKHOUSE_URL names: every test makes a database of its own there and drops it again. */
async function startClickHouse(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const url = process.env['CLICKHOUSE_URL']
  return url === undefined ? startEmbeddedClickHouse({ folder }) : { url, stop: async () => undefined }
}

/** Tocsin's own role owns one database and nothing more; the tests want one each. */
async function letCreateDatabases(server: EmbeddedPostgres): Promise<void> {
  const secrets = JSON.parse(await readFile(join(dirname(server.dataFolder), 'secrets.json'), 'utf8'))
  const url = new URL(server.url)
  url.username = 'postgres'
  url.password = secrets.superuserPassword
  const client = postgres(url.href, { max: 1, onnotice: () => undefined })
  try {
    await client`alter role tocsin createdb`
  } finally {
    await client.end()
  }
}

async function makeTemplate(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await client.unsafe(`create database ${templateDatabase}`)
  } finally {
    await client.end()
  }
  const template = new URL(url)
  template.pathname = `/${templateDatabase}`
  await migrateDatabase(template.href)
}
