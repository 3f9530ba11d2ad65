import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { inject } from 'vitest'
import { type Database, type Memory, openMemory } from '#db/client.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { alerts, checks, incidents, timeline } from '#db/schema/alerts.ts'
import { maintenances, stateChanges } from '#db/schema/check-history.ts'
import { contactAlerts, summaries, told } from '#db/schema/contact-alerts.ts'
import { batches, postedAlerts } from '#db/schema/intake.ts'
import { notifications, receipts } from '#db/schema/notifications.ts'
import { createCanonicalTables } from '#workers/telemetry/schema.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import { eventually } from './eventually.ts'
import { templateDatabase } from './global-setup.ts'

export interface TestDatabase {
  readonly url: string
  close(): Promise<void>
}

/** A migrated database of one's own on the run's PostgreSQL. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  const server = inject('postgresUrl')
  await onServer(server, `create database ${name} template ${templateDatabase}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, close: () => dropDatabase(server, name) }
}

/** The same, opened, with its first environment. */
export async function testMemory(): Promise<Memory & { readonly url: string }> {
  const database = await testDatabase()
  const memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 6 })
  await ensureFirstEnvironment(memory.db)
  return {
    ...memory,
    url: database.url,
    close: async () => {
      await memory.close()
      await database.close()
    },
  }
}

/** Everything that ever happened, so that the next test begins with #1. */
export async function forgetAlerts(db: Database): Promise<void> {
  await db.execute(
    sql`truncate ${checks}, ${alerts}, ${incidents}, ${timeline}, ${notifications} restart identity cascade`,
  )
}

/** The same row by row: much faster for whoever begins anew many times with little. */
export async function emptyTables(db: Database): Promise<void> {
  for (const table of [
    receipts,
    notifications,
    timeline,
    alerts,
    incidents,
    maintenances,
    stateChanges,
    checks,
    batches,
    postedAlerts,
    contactAlerts,
    told,
    summaries,
  ])
    await db.delete(table)
}

/** An autovacuum at work there is the superuser's, whose processes our role may not end; it is soon done. */
async function dropDatabase(server: string, name: string): Promise<void> {
  await eventually(`database ${name} to be dropped`, async () => {
    try {
      await onServer(server, `drop database ${name} with (force)`)
      return true
    } catch (error) {
      if (error instanceof postgres.PostgresError && error.code === '42501') return false
      throw error
    }
  })
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await client.unsafe(statement)
  } finally {
    await client.end()
  }
}

export interface TestTelemetry {
  readonly url: string
  readonly database: string
  readonly store: TelemetryStore
  close(): Promise<void>
}

/** The canonical tables in a database of one's own on the run's ClickHouse engine. */
export async function testTelemetry(): Promise<TestTelemetry> {
  const database = `t_${randomUUID().replaceAll('-', '')}`
  const url = inject('clickHouseUrl')
  const server = openTelemetryStore({ url })
  await server.command(`CREATE DATABASE ${database}`)
  const store = openTelemetryStore({ url, database })
  await createCanonicalTables(store)
  return {
    url,
    database,
    store,
    close: async () => {
      await store.close()
      await server.command(`DROP DATABASE ${database}`)
      await server.close()
    },
  }
}
