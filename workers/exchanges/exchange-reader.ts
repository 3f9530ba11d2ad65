import type { Reach } from '#engine/exchange/cursor.ts'
import type { ExchangeLog } from '#engine/exchange/exchange.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { clickHouseExchanges } from './exchange-log.ts'
import { RecentKeys } from './recent-keys.ts'

/** What the exchanges of a store are read with; one for each process. */
export interface ExchangeReader {
  readonly log: ExchangeLog
  readonly reach: Reach
  readonly recent: RecentKeys
}

export function openExchangeReader(store: TelemetryStore, reach: Reach): ExchangeReader {
  return { log: clickHouseExchanges(store, reach.longestAgeSeconds), reach, recent: new RecentKeys() }
}
