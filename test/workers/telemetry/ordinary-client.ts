import { ClickHouseError, ClickHouseLogLevel, type ClickHouseClient, createClient } from '@clickhouse/client'
import { openEmbeddedHouse } from './embedded-house.ts'

interface Failure {
  readonly code: string
  readonly type: string
  readonly message: string
}

/** The ordinary ClickHouse client against the embedded engine: what passes here must pass against a real server. */
export interface OrdinaryClient {
  readonly url: string
  readonly client: ClickHouseClient
  /** Another one. */
  open(options?: Parameters<typeof createClient>[0]): ClickHouseClient
  rows(query: string, options?: object): Promise<unknown[]>
  /** What the engine says was wrong. */
  failure(action: Promise<unknown>): Promise<Failure>
  close(): Promise<void>
}

export async function openOrdinaryClient(): Promise<OrdinaryClient> {
  const house = await openEmbeddedHouse()
  const { url } = await house.start()
  const open: OrdinaryClient['open'] = (options) =>
    createClient({ url, log: { level: ClickHouseLogLevel.OFF }, ...options })
  const client = open()
  return {
    url,
    client,
    open,
    rows: async (query, options = {}) => {
      const result = await client.query({ query, format: 'JSONEachRow', ...options })
      return result.json()
    },
    failure: async (action) => {
      const error = await action.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (!(error instanceof ClickHouseError))
        throw new Error(`it did not fail as an engine does: ${String(error)}`)
      return { code: error.code, type: error.type ?? '', message: error.message }
    },
    close: async () => {
      await client.close()
      await house.close()
    },
  }
}
