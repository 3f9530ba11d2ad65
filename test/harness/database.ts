import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'
import { createCanonicalTables } from '#workers/telemetry/schema.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
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
  return { url: url.href, close: () => onServer(server, `drop database ${name} with (force)`) }
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
