import type { ExchangeFilter, ExchangeTraits } from '#engine/telemetry/exchanges.ts'

/** One report of an exchange, as a telemetry store has it. */
export interface Exchange extends ExchangeTraits {
  readonly execId: string
  readonly correlationId: string
  readonly error: string
  /** When it started, by the clock of its agent. */
  readonly at: Date
  /** When the store took the report in, by its own clock, and what tells it from others of the same instant. */
  readonly position: Position
}

/** Where a reader is in the order in which a store took reports in. */
export interface Position {
  readonly stampedAt: Date
  readonly key: string
}

/** (from, to] in the time of the store; `after` is how far it has been read already. */
export interface Span {
  readonly from: Date
  readonly after: Position | null
  readonly to: Date
}

/** Reads exchanges in the order in which the store took them in. Every instant here is the store's. */
export interface ExchangeLog {
  now(): Promise<Date>
  /** Those that meet any of the filters, in order, from the first that was not read yet. */
  page(filters: readonly ExchangeFilter[], span: Span, limit: number): Promise<readonly Exchange[]>
  /** How many meet each filter in what is left of the span. */
  count(filters: readonly ExchangeFilter[], span: Span): Promise<readonly number[]>
  /** How many meet each filter that were too old when the store took them in: nobody is told of those. */
  countDropped(filters: readonly ExchangeFilter[], span: Span): Promise<readonly number[]>
}
