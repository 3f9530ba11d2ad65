import type { TelemetryStore } from '#workers/telemetry/store.ts'

export const appCount = 200
export const routeCount = 10

/** Some apps and routes are busier than others; 2.7 % fail, and one in two hundred comes up to two minutes late. */
const columns = (
  apps: number,
) => `'prod' AS environment, concat('app-', toString(intDiv(rand(1) % ${apps} * (rand(2) % ${apps}), ${apps}))) AS app,
  concat('route-', toString(intDiv(rand(3) % ${routeCount} * (1 + rand(4) % ${routeCount}), ${routeCount}))) AS route,
  concat('agent-', toString(rand(5) % 3)) AS agent, if(rand(6) % 1000 < 27, 'FAILED', 'COMPLETED') AS status,
  toUInt32(20 + exp2(rand(7) % 1000 / 110)) AS duration_ms,
  map('payment.type', if(rand(10) % 2 = 0, 'card', 'invoice')) AS attributes`

/** One in so many is late. */
export const lateShare = 200

/** So many rows a second over the seconds until an instant. */
export async function insertExecutions(
  store: TelemetryStore,
  until: Date,
  {
    seconds,
    perSecond,
    isFresh = false,
    apps = appCount,
    firstId = 0,
  }: { seconds: number; perSecond: number; isFresh?: boolean; apps?: number; firstId?: number },
): Promise<void> {
  const rows = Math.round(seconds * perSecond)
  const ts = `fromUnixTimestamp64Milli(toInt64(${until.getTime()} - number * ${1000 / perSecond}), 'UTC')`
  const late = `if(rand(8) % ${lateShare} = 0, rand(9) % 120000, rand(9) % 900)`
  const ingested = isFresh ? "now64(3, 'UTC')" : `${ts} + toIntervalMillisecond(${late})`
  await store.command(
    `INSERT INTO executions (environment, app, route, agent, status, duration_ms, attributes, ts, ingested_at, exec_id)
     SELECT ${columns(apps)}, ${ts} AS ts, ${ingested} AS ingested_at, toString(number + ${firstId}) AS exec_id FROM numbers(${rows})
     SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0`,
  )
}

export const jvmMetrics = ['heap.used', 'heap.max', 'threads', 'gc.pause', 'cpu.load'] as const

/** Each metric of each of three agents of each app, every 15 s. */
export async function insertSamples(store: TelemetryStore, until: Date, seconds: number): Promise<void> {
  const series = appCount * 3 * jvmMetrics.length
  const metrics = jvmMetrics.map((metric) => `'${metric}'`).join(', ')
  const ts = `fromUnixTimestamp64Milli(toInt64(${until.getTime()} - intDiv(number, ${series}) * 15000 - number % 7001), 'UTC')`
  await store.command(
    `INSERT INTO jvm_metrics (environment, app, agent, metric, value, ts, ingested_at)
     SELECT 'prod', concat('app-', toString(number % ${appCount})) AS app,
       concat('agent-', toString(intDiv(number, ${appCount}) % 3)) AS agent,
       [${metrics}][1 + intDiv(number, ${appCount * 3}) % ${jvmMetrics.length}] AS metric, rand(1) % 1000 / 8 AS value,
       ${ts} AS ts, ts AS ingested_at FROM numbers(${Math.round((seconds / 15) * series)})
     SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0`,
  )
}
