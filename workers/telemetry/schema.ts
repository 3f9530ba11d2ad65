import { canonicalRelations, type Column, type ColumnKind, type Relation } from './relations.ts'
import type { TelemetryStore } from './store.ts'

const retentionDays = 30

/** Each insert has a number, in the order in which they became visible, and its rows keep it when parts are merged. */
const numbersRows = 'enable_block_number_column = 1'

/** Creates what is missing and leaves what is there; safe to call at every start and from several roles at once. */
export async function createCanonicalTables(store: TelemetryStore): Promise<void> {
  for (const [name, relation] of relationEntries()) await store.command(tableDefinition(name, relation))
  for (const name of await tablesWithoutNumbers(store))
    await store.command(`ALTER TABLE ${name} MODIFY SETTING ${numbersRows}`)
}

/** What to tell the owner of a ClickHouse that lacks canonical relations; undefined when nothing is missing. */
export async function checkCanonicalRelations(store: TelemetryStore): Promise<string | undefined> {
  const found = await columnsByTable(store)
  const faults = relationEntries().flatMap(([name, relation]) => faultsOf(name, relation, found.get(name)))
  if (faults.length === 0) return undefined
  return `The ClickHouse database cannot be evaluated yet: ${faults.join('; ')}. ${await presetAdvice(store)}`
}

/**
 * The minute leads: an evaluation asks for the latest minutes of everything. ClickHouse skips by this key only when a
 * query bounds `toStartOfMinute(ts)`; a bound on `ts` alone reads every granule.
 */
function tableDefinition(name: string, relation: Relation): string {
  const columns = Object.entries(relation.columns).map(
    ([column, { type, storage }]) => `  ${column} ${type}${storage === undefined ? '' : ` ${storage}`}`,
  )
  return `CREATE TABLE IF NOT EXISTS ${name} (
${columns.join(',\n')},
  INDEX ingested ingested_at TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (toStartOfMinute(ts), ${relation.order.join(', ')})
TTL toDateTime(ts) + INTERVAL ${retentionDays} DAY
SETTINGS ttl_only_drop_parts = 1, ${numbersRows}`
}

/** They were made by a version that did not number rows yet. */
async function tablesWithoutNumbers(store: TelemetryStore): Promise<string[]> {
  const tables = await store.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = currentDatabase()' +
      ` AND engine_full LIKE 'MergeTree%' AND engine_full NOT LIKE '%${numbersRows}%'`,
  )
  return tables.map(({ name }) => name).filter((name) => name in canonicalRelations)
}

function relationEntries(): [string, Relation][] {
  return Object.entries(canonicalRelations)
}

type Columns = ReadonlyMap<string, string>

async function columnsByTable(store: TelemetryStore): Promise<Map<string, Columns>> {
  const rows = await store.query<{ table: string; name: string; type: string }>(
    'SELECT table, name, type FROM system.columns WHERE database = currentDatabase()',
  )
  const tables = Map.groupBy(rows, ({ table }) => table)
  return new Map(
    [...tables].map(([table, columns]) => [table, new Map(columns.map(({ name, type }) => [name, type]))]),
  )
}

function faultsOf(name: string, relation: Relation, found: Columns | undefined): string[] {
  if (found === undefined) return [`there is no table or view ${name}`]
  return Object.entries(relation.columns).flatMap(([column, expected]) => {
    const type = found.get(column)
    if (type === undefined) return [`${name} has no column ${column} (${expected.meaning})`]
    return holds(type, expected) ? [] : [`${name}.${column} is ${type} and should be like ${expected.type}`]
  })
}

const kindPatterns: Readonly<Record<ColumnKind, RegExp>> = {
  text: /^(String|FixedString|Enum|UUID)/,
  level: /^Enum/,
  number: /^(U?Int|Float|Decimal|BFloat)/,
  time: /^DateTime/,
  map: /^Map\(/,
}

function holds(type: string, { kind }: Column): boolean {
  const bare = type.replace(/^LowCardinality\((.*)\)$/, '$1').replace(/^Nullable\((.*)\)$/, '$1')
  return kindPatterns[kind].test(bare)
}

/** Presets put the views into a database of their own, so their sources may be in any. */
async function presetAdvice(store: TelemetryStore): Promise<string> {
  const rows = await store.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database != 'system'",
  )
  const names = new Set(rows.map(({ name }) => name))
  if (names.has('otel_traces') || names.has('otel_logs')) {
    return 'Tables of the OpenTelemetry collector are there: apply manifests/telemetry/opentelemetry.sql.'
  }
  if (names.has('agent_metrics') && names.has('agent_events')) {
    return 'Tables like those of Cameleer are there: apply manifests/telemetry/cameleer.sql.'
  }
  return 'manifests/telemetry/README.md describes the views to create, and has presets to start from.'
}
