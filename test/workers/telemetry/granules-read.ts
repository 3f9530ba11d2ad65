import type { TelemetryStore } from '#workers/telemetry/store.ts'

/** How much of its tables a query reads, after everything ClickHouse could skip by partition and key. */
export async function granulesRead(
  store: TelemetryStore,
  query: string,
): Promise<{ read: number; total: number }> {
  const lines = await store.query<{ explain: string }>(`EXPLAIN indexes = 1 ${query}`)
  const tables = lines
    .map(({ explain }) => explain)
    .join('\n')
    .split('ReadFromMergeTree')
    .slice(1)
  const counts = tables.map((table) => {
    // One line per index, each starting from what the one before it left.
    const steps = [...table.matchAll(/Granules: (\d+)\/(\d+)/g)]
    return { read: Number(steps.at(-1)?.[1] ?? 0), total: Number(steps[0]?.[2] ?? 0) }
  })
  return counts.reduce((sum, count) => ({ read: sum.read + count.read, total: sum.total + count.total }), {
    read: 0,
    total: 0,
  })
}
