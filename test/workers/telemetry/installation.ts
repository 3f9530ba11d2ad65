import { readFile } from 'node:fs/promises'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import { openEmbeddedHouse, type EmbeddedHouse } from './embedded-house.ts'

/** A ClickHouse of a user's own: their tables, and our views over them as the preset creates them. */
export interface Installation {
  readonly house: EmbeddedHouse
  readonly source: TelemetryStore
  readonly views: TelemetryStore
}

export async function install(tables: readonly string[], preset: string): Promise<Installation> {
  const house = await openEmbeddedHouse()
  const { url } = await house.start()
  const source = openTelemetryStore({ url })
  for (const statement of tables) await source.command(statement)
  const file = await readFile(new URL(`../../../manifests/telemetry/${preset}`, import.meta.url), 'utf8')
  for (const statement of file.split(/;\n/).filter((text) => /\bCREATE\b/.test(text)))
    await source.command(statement)
  return { house, source, views: openTelemetryStore({ url, database: 'tocsin' }) }
}

export async function remove({ house, source, views }: Installation): Promise<void> {
  await source.close()
  await views.close()
  await house.close()
}
