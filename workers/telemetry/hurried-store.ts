import type { TelemetryStore } from './store.ts'

/** The same store, of which nothing is asked that takes longer: who asks can do without. */
export function hurriedStore(store: TelemetryStore, mostMs: number): TelemetryStore {
  return {
    query: (sql, params) => store.query(sql, params, AbortSignal.timeout(mostMs)),
    columns: (sql) => store.columns(sql),
    insert: (table, rows) => store.insert(table, rows),
    command: (sql) => store.command(sql),
    ping: () => store.ping(),
    close: () => store.close(),
  }
}
