import { arrayBuffer } from 'node:stream/consumers'
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import { type Columns, readColumns } from './native-columns.ts'
import { explain } from './store-failure.ts'

/** Reads and writes one ClickHouse database, embedded or the user's own: both are reached the same way. */
export interface TelemetryStore {
  /**
   * Rows as JSON gives them: 64-bit integers are strings of digits (a JSON number would lose those above 2^53), times
   * are ISO 8601 in the column's zone, NaN and infinity are null. `{name:Type}` placeholders are filled from `params`.
   * Rejects with TelemetryUnavailable when the store is at fault, with any other error when the query is.
   */
  query<Row>(sql: string, params?: Record<string, unknown>, signal?: AbortSignal): Promise<Row[]>
  /** The same by columns, for many rows of few types. */
  columns(sql: string): Promise<Columns>
  /** Resolves once the rows are written and visible. Dates may be Date objects or ISO 8601 text. */
  insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void>
  command(sql: string): Promise<void>
  /** Rejects with TelemetryUnavailable unless the store answers a query. */
  ping(): Promise<void>
  close(): Promise<void>
}

interface StoreOptions {
  readonly url: string
  readonly database?: string
  readonly requestTimeoutMs?: number
  /** Beyond our own, for every query. */
  readonly settings?: Readonly<Record<string, string>>
}

export function openTelemetryStore({
  url,
  database,
  requestTimeoutMs = 30_000,
  settings,
}: StoreOptions): TelemetryStore {
  const client = createClient({
    url,
    ...(database === undefined ? {} : { database }),
    application: 'tocsin',
    request_timeout: requestTimeoutMs,
    // Below the three to ten seconds after which ClickHouse servers close an idle connection.
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      // A client that has given up leaves its query running, so the server gives up first.
      max_execution_time: Math.max(1, Math.floor(requestTimeoutMs / 1_000) - 2),
      cancel_http_readonly_queries_on_client_close: 1,
      // A failure half-way through a result then arrives as a failure and not as a short result.
      wait_end_of_query: 1,
      // A thousand patterns, or names, are longer than the usual quarter of a megabyte.
      max_query_size: '67108864',
      output_format_json_quote_64bit_integers: 1,
      date_time_output_format: 'iso',
      date_time_input_format: 'best_effort',
      ...settings,
    },
  })
  return new ClickHouseStore(client, new URL(url).host)
}

class ClickHouseStore implements TelemetryStore {
  readonly #client: ClickHouseClient
  readonly #host: string

  constructor(client: ClickHouseClient, host: string) {
    this.#client = client
    this.#host = host
  }

  query<Row>(sql: string, params: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Row[]> {
    return this.#attempt(async () => {
      const result = await this.#client.query({
        query: sql,
        query_params: params,
        format: 'JSONEachRow',
        ...(signal === undefined ? {} : { abort_signal: signal }),
      })
      return result.json<Row>()
    }, signal)
  }

  columns(sql: string): Promise<Columns> {
    return this.#attempt(async () => {
      const { stream } = await this.#client.exec({ query: `${sql} FORMAT Native` })
      return readColumns(new Uint8Array(await arrayBuffer(stream)))
    })
  }

  async insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
    if (rows.length === 0) return
    await this.#attempt(() => this.#client.insert({ table, values: rows, format: 'JSONEachRow' }))
  }

  async command(sql: string): Promise<void> {
    await this.#attempt(() => this.#client.command({ query: sql }))
  }

  async ping(): Promise<void> {
    await this.#attempt(async () => {
      const result = await this.#client.ping({ select: true })
      if (!result.success) throw result.error
    })
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async #attempt<Result>(action: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    try {
      return await action()
    } catch (error) {
      signal?.throwIfAborted()
      throw explain(error instanceof Error ? error : new Error(String(error)), this.#host)
    }
  }
}
