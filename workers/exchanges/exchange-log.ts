import type { Exchange, ExchangeLog, Span } from '#engine/exchange/exchange.ts'
import type { ExchangeFilter } from '#engine/telemetry/exchanges.ts'
import { countExchanges } from '#workers/telemetry/exchanges.ts'
import { literals } from '#workers/telemetry/literal.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { clickHouseInstant } from '#workers/telemetry/window.ts'
import { anyOf } from './any-of.ts'

/** As precise as a cursor is, whatever the column of a view is. */
const stamped = "toDateTime64(ingested_at, 3, 'UTC')"

/** The exchange and how it ended: the same however often it is reported. Odd or endless ids by their digest. */
const rowKey =
  "concat(if(length(toString(exec_id)) <= 200 AND isValidUTF8(toString(exec_id)) AND position(toString(exec_id), '\\0') = 0," +
  " toString(exec_id), hex(SHA256(toString(exec_id)))), ' ', toString(status))"

const isTakenIn =
  "ingested_at > {from:DateTime64(3, 'UTC')} AND ingested_at <= {to:DateTime64(3, 'UTC')}" +
  ` AND (ingested_at >= {after:DateTime64(3, 'UTC')}) AND (${stamped}, ${rowKey}) > ({after:DateTime64(3, 'UTC')}, {afterKey:String})`

/** What its start may be at least; the bound on the minute is what ClickHouse can skip by. */
const oldest = `${stamped} - toIntervalSecond({longestAge:UInt32})`
const isYoung = `toStartOfMinute(ts) >= toStartOfMinute({oldest:DateTime64(3, 'UTC')}) AND ts > ${oldest}`
const isOld = `toStartOfMinute(ts) <= toStartOfMinute({newest:DateTime64(3, 'UTC')}) AND ts <= ${oldest}`

/** One without an id cannot be known again. */
const hasId = "toString(exec_id) != ''"

interface Row {
  readonly environment: string
  readonly app: string
  readonly route: string
  readonly agent: string
  readonly status: string
  readonly attributes: Readonly<Record<string, string>>
  readonly execId: string
  readonly correlationId: string
  readonly error: string
  readonly at: string
  readonly stamped: string
  readonly key: string
}

const columns =
  'environment, app, route, agent, toString(status) AS status, toString(exec_id) AS execId,' +
  ` correlation_id AS correlationId, error, ts AS at, ${stamped} AS stamped, ${rowKey} AS key`

/** Exchanges of one ClickHouse database, in the order in which it took them in. */
export function clickHouseExchanges(store: TelemetryStore, longestAgeSeconds: number): ExchangeLog {
  const spanOf = (span: Span) => spanParameters(span, longestAgeSeconds)
  return {
    now: async () => {
      const [row] = await store.query<{ now: string }>("SELECT now64(3, 'UTC') AS now")
      if (!row) throw new Error('ClickHouse did not say what time it is')
      return new Date(row.now)
    },
    page: async (filters, span, limit) => {
      const rows = await store.query<Row>(
        `SELECT ${columns}, ${namedAttributes(filters)} FROM executions WHERE ${isTakenIn} AND ${isYoung} AND ${hasId} AND ${anyOf(filters)}` +
          ' ORDER BY stamped, key LIMIT {limit:UInt32}',
        { ...spanOf(span), limit },
      )
      return rows.map(toExchange)
    },
    count: (filters, span) => countWhere(isYoung, filters, span),
    countDropped: (filters, span) => countWhere(isOld, filters, span),
  }

  async function countWhere(age: string, filters: readonly ExchangeFilter[], span: Span): Promise<number[]> {
    const where = `${isTakenIn} AND ${age} AND ${hasId}`
    const counts = await countExchanges(store, filters, {
      where,
      parameters: spanOf(span),
      conditions: ['true'],
    })
    return counts.map(([count = 0]) => count)
  }
}

function spanParameters({ from, after, to }: Span, longestAgeSeconds: number): Record<string, unknown> {
  const aged = (at: Date) => clickHouseInstant(new Date(at.getTime() - longestAgeSeconds * 1000))
  return {
    from: clickHouseInstant(from),
    to: clickHouseInstant(to),
    after: clickHouseInstant(after?.stampedAt ?? from),
    afterKey: after?.key ?? '',
    longestAge: longestAgeSeconds,
    oldest: aged(from),
    newest: aged(to),
  }
}

/** Those that somebody asks about. */
function namedAttributes(filters: readonly ExchangeFilter[]): string {
  const names = [...new Set(filters.flatMap(({ attributes }) => Object.keys(attributes)))]
  const isNamed = names.length === 0 ? 'false' : `name IN (${literals(names)})`
  return `mapFilter((name, value) -> ${isNamed}, attributes) AS attributes`
}

function toExchange({ at, stamped: stampedAt, key, ...row }: Row): Exchange {
  return { ...row, at: new Date(at), position: { stampedAt: new Date(stampedAt), key } }
}
