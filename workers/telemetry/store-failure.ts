import { ClickHouseError } from '@clickhouse/client'
import { TelemetryUnavailable, type Unavailability, Unanswerable } from '#engine/telemetry/telemetry.ts'

const becauseByCode: ReadonlyMap<string, Unavailability> = new Map([
  // Time: exceeded by the query, by a socket to another server, by a query cancelled from outside.
  ...['159', '160', '209', '394'].map((code) => [code, 'slow'] as const),
  // Room: too many queries, threads, parts; no memory left on disk or in the process.
  ...['202', '203', '243', '252', '439', '745'].map((code) => [code, 'overloaded'] as const),
  // The server cannot reach what it needs, or is read-only for now.
  ...['210', '242', '279', '999'].map((code) => [code, 'unreachable'] as const),
  // Unknown user, wrong password, no grant.
  ...['192', '193', '194', '497', '516'].map((code) => [code, 'refused'] as const),
])

/** What one query may read, hold in memory, or answer. */
const beyondLimits: ReadonlySet<string> = new Set(['158', '241', '307', '396'])

const advice: Readonly<Record<Unavailability, string>> = {
  unreachable: 'cannot be reached: see whether it runs and whether CLICKHOUSE_URL names it rightly',
  slow: 'did not answer in time: see what else it is doing',
  overloaded: 'has no capacity left: see what else it is doing',
  refused: 'refused our user: see the name, password and grants behind CLICKHOUSE_URL',
}

/** Puts a failure into words for people, and tells the store's faults from the query's. */
export function explain(error: Error, host: string): Error {
  const because = reasonOf(error)
  if (because !== undefined) {
    return new TelemetryUnavailable(
      'clickhouse',
      because,
      `ClickHouse at ${host} ${advice[because]} (${detailOf(error)})`,
      {
        cause: error,
      },
    )
  }
  if (error instanceof ClickHouseError && beyondLimits.has(error.code))
    return new Unanswerable(
      `This asks more of ClickHouse at ${host} than it allows a query: ask about less, an app or a shorter window, or raise its limits` +
        ` (${detailOf(error)})`,
      { cause: error },
    )
  return new Error(`ClickHouse at ${host} refused the query: ${detailOf(error)}${readOnlyAdvice(error)}`, {
    cause: error,
  })
}

function reasonOf(error: Error): Unavailability | undefined {
  if (error instanceof ClickHouseError) return becauseByCode.get(error.code) ?? memoryReason(error)
  if (/timeout/i.test(error.message)) return 'slow'
  // Whatever is no exception of ClickHouse's came from the way there: sockets, name service, TLS, a proxy.
  return error instanceof SyntaxError || error instanceof TypeError ? undefined : 'unreachable'
}

/** One query above its own limit is a heavy query; a server above its total is an overloaded server. */
function memoryReason(error: ClickHouseError): Unavailability | undefined {
  return error.code === '241' && /\(total\)|server memory|total memory/i.test(error.message)
    ? 'overloaded'
    : undefined
}

/** Our settings (time limit, number and date format) cannot be sent by a user whose profile forbids all settings. */
function readOnlyAdvice(error: Error): string {
  const isForbidden = error instanceof ClickHouseError && error.code === '164'
  return isForbidden
    ? '. Give the user behind CLICKHOUSE_URL the profile setting readonly = 2 rather than 1.'
    : ''
}

function detailOf(error: Error): string {
  if (error instanceof ClickHouseError)
    return `${error.type ?? 'code'} ${error.code}: ${error.message.trim()}`
  const { code } = error as NodeJS.ErrnoException
  return code ?? error.message.slice(0, 200)
}
