import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

/** Any constant does; it only has to be the same in every process that migrates. */
const lockKey = 7_064_111

/** Drizzle's migrate is not safe in parallel, and several processes of ours may start at once: one at a time, then. */
export async function migrateDatabase(url: string): Promise<void> {
  const client = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'tocsin-migrate' },
  })
  try {
    await client`select pg_advisory_lock(${lockKey})`
    await migrate(drizzle({ client }), { migrationsFolder })
  } finally {
    await client.end({ timeout: 5 })
  }
}
