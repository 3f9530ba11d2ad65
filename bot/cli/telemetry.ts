import { join } from 'node:path'
import { startEmbeddedClickHouse } from '#workers/telemetry/embedded-store.ts'
import { checkCanonicalRelations, createCanonicalTables } from '#workers/telemetry/schema.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import type { Opening } from './database.ts'
import type { Settings } from './environment.ts'

export interface OpenedTelemetry {
  readonly store: TelemetryStore
  readonly isEmbedded: boolean
  /** What to tell about it. */
  readonly what: string
}

/** CLICKHOUSE_URL where it is set, an engine of our own where it is not. */
export async function openTelemetry(settings: Settings, opening: Opening): Promise<OpenedTelemetry> {
  return settings.CLICKHOUSE_URL === undefined
    ? openEmbedded(settings, opening)
    : openOwn(settings, settings.CLICKHOUSE_URL, opening)
}

async function openEmbedded(
  { dataFolder }: Settings,
  { report, closing }: Opening,
): Promise<OpenedTelemetry> {
  const engine = await startEmbeddedClickHouse({
    folder: join(dataFolder, 'clickhouse'),
    report: report.progress,
  })
  closing.add('ClickHouse', () => engine.stop())
  const store = openTelemetryStore({ url: engine.url })
  closing.add('ClickHouse connections', () => store.close())
  await createCanonicalTables(store)
  return {
    store,
    isEmbedded: true,
    what: `ClickHouse of our own, ${engine.adopted ? 'still running' : 'started'}`,
  }
}

/** A store that is down now is no reason not to start: rules wait for it, and one platform alert says so. */
async function openOwn(
  settings: Settings,
  url: string,
  { report, closing }: Opening,
): Promise<OpenedTelemetry> {
  const { CLICKHOUSE_DATABASE: database } = settings
  const store = openTelemetryStore({ url, ...(database !== undefined && { database }) })
  closing.add('ClickHouse connections', () => store.close())
  try {
    const missing = await checkCanonicalRelations(store)
    if (missing !== undefined) report.progress(missing)
  } catch (error) {
    report.progress(error instanceof Error ? error.message : String(error))
  }
  return { store, isEmbedded: false, what: `ClickHouse at ${new URL(url).host}` }
}
