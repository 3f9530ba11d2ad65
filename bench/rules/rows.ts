import type { TelemetryStore } from '#workers/telemetry/store.ts'

export const appCount = 200
export const routeCount = 10

/** Some apps and routes are busier than others; 2.7 % fail, and one in two hundred comes up to two minutes late. */
const columns = `'prod' AS environment, concat('app-', toString(intDiv(rand(1) % ${appCount} * (rand(2) % ${appCount}), ${appCount}))) AS app,
  concat('route-', toString(intDiv(rand(3) % ${routeCount} * (1 + rand(4) % ${routeCount}), ${routeCount}))) AS route,
  concat('agent-', toString(rand(5) % 3)) AS agent, if(rand(6) % 1000 < 27, 'FAILED', 'COMPLETED') AS status,
  toUInt32(20 + exp2(rand(7) % 1000 / 110)) AS duration_ms`

/** So many rows a second over the seconds until an instant. */
export async function insertExecutions(
  store: TelemetryStore,
  until: Date,
  { seconds, perSecond, isFresh = false }: { seconds: number; perSecond: number; isFresh?: boolean },
): Promise<void> {
  const rows = Math.round(seconds * perSecond)
  const ts = `fromUnixTimestamp64Milli(toInt64(${until.getTime()} - number * ${1000 / perSecond}), 'UTC')`
  const late = `if(rand(8) % 200 = 0, rand(9) % 120000, rand(9) % 900)`
  const ingested = isFresh ? "now64(3, 'UTC')" : `${ts} + toIntervalMillisecond(${late})`
  await store.command(
    `INSERT INTO executions (environment, app, route, agent, status, duration_ms, ts, ingested_at, exec_id)
     SELECT ${columns}, ${ts} AS ts, ${ingested} AS ingested_at, toString(number) AS exec_id FROM numbers(${rows})
     SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0`,
  )
}
