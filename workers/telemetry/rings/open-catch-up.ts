import type { RelationName } from '#workers/telemetry/relations.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { ByNumbers } from './by-numbers.ts'
import { ByStamps } from './by-stamps.ts'
import type { CatchUp } from './catch-up.ts'
import type { Grid } from './grid.ts'

/** Rows that are numbered are read once. Views do not show the numbers, and what they show may change. */
export async function openCatchUp(
  store: TelemetryStore,
  relation: RelationName,
  grid: Grid,
): Promise<CatchUp> {
  const [table] = await store.query<{ engine: string; engine_full: string }>(
    `SELECT engine, engine_full FROM system.tables WHERE database = currentDatabase() AND name = '${relation}'`,
  )
  const isNumbered =
    table?.engine === 'MergeTree' &&
    /PARTITION BY toDate\(ts\)/.test(table.engine_full) &&
    /enable_block_number_column = (1|true)/.test(table.engine_full)
  return isNumbered ? ByNumbers.open(store, relation) : new ByStamps(store, relation, grid)
}
