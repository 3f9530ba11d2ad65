import type { ExchangeCursor, Instants } from '#engine/exchange/cursor.ts'
import type { PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import type { Hands } from '#workers/hands.ts'
import type { ExchangeReader } from './exchange-reader.ts'

/** What a sweep is made with. */
export interface Sweeping {
  readonly hands: Pick<Hands, 'db' | 'clock' | 'settings' | 'announce' | 'log' | 'groupTeller'>
  readonly reader: ExchangeReader
  readonly instants: Instants
}

/** A rule, how far it was read, and how far it is read now. */
export interface Follower {
  readonly rule: PerExchangeRule
  /** As it lies in the database: whoever changed it meanwhile was faster. */
  readonly stored: ExchangeCursor
  readonly cursor: ExchangeCursor
}
