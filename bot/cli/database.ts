import { join } from 'node:path'
import { localPlace } from '#bot/local-place.ts'
import { openMemory, type Memory } from '#db/client.ts'
import { startEmbeddedPostgres } from '#db/embedded.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { waitForDatabase } from '#db/wait-for-database.ts'
import type { Closing } from './closing.ts'
import type { Settings } from './environment.ts'
import type { Report } from './report.ts'

export interface OpenedDatabase {
  readonly memory: Memory
  readonly url: string
  /** What to tell about it. */
  readonly what: string
}

const patienceMs = 60_000
/** Nobody holds one while it waits for something else than the database. */
const connections = 20

/** DATABASE_URL where it is set, a PostgreSQL of our own where it is not; migrated either way. */
export async function openDatabase(
  settings: Settings,
  name: string,
  opening: Opening,
): Promise<OpenedDatabase> {
  const { url, what } = await findServer(settings, opening)
  await migrateDatabase(url)
  const memory = openMemory({ url, name, connections })
  opening.closing.add('database connections', () => memory.close())
  await ensureFirstEnvironment(memory.db)
  await rememberDestination(memory.db, localPlace)
  return { memory, url, what }
}

export interface Opening {
  readonly report: Report
  readonly closing: Closing
}

async function findServer({ DATABASE_URL: url, dataFolder }: Settings, { report, closing }: Opening) {
  if (url !== undefined) {
    await waitForDatabase({ url, patienceMs, report: report.progress })
    return { url, what: `PostgreSQL at ${new URL(url).host}` }
  }
  const server = await startEmbeddedPostgres({
    folder: join(dataFolder, 'postgres'),
    report: report.progress,
  })
  closing.add('PostgreSQL', () => server.stop())
  const how = server.adopted ? 'still running' : 'started'
  return { url: server.url, what: `PostgreSQL ${server.version} of our own, ${how}, in ${server.dataFolder}` }
}
