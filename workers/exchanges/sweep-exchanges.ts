import { filterOf, isFullSweepDue, isWithin, pausedAt, spanOf, sweptUp } from '#engine/exchange/cursor.ts'
import type { Exchange, Span } from '#engine/exchange/exchange.ts'
import type { PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import { type ExchangeFilter, indexFilters } from '#engine/telemetry/exchanges.ts'
import { noteBacklog } from './note-backlog.ts'
import type { Follower, Sweeping } from './sweeping.ts'
import { type Met, takePage } from './take-page.ts'

const exchangesPerPage = 1000
/** For one slot. What is left waits for the next: others want to be evaluated too. */
const pagesPerSlot = 60
const toldPerSlot = 2000

/**
 * Reads on for rules that have come equally far, page by page, each page with all that follows from it in one transaction. Now and
 * then the whole overlap, and a backlog, is swept and written down; in between a look at the newest is enough.
 */
export async function sweepExchanges(sweeping: Sweeping, followers: readonly Follower[]): Promise<void> {
  const sweep = begin(sweeping, followers)
  let { span } = sweep
  let left = followers
  let told = 0
  for (let page = 0; page < pagesPerSlot && told < toldPerSlot; page += 1) {
    const exchanges = await sweeping.reader.log.page(sweep.filters, span, exchangesPerPage)
    const last = exchanges.length < exchangesPerPage ? undefined : exchanges.at(-1)?.position
    const advanced = sweep.isFull ? await readTo(sweeping, left, { ...span, after: last ?? null }) : left
    const taken = await takePage(sweeping, { followers: advanced, met: match(sweep.filters, exchanges) })
    if (!last || taken.followers.length === 0) return
    span = { ...span, after: last }
    left = taken.followers
    told += taken.told
  }
  if (sweep.isFull) await noteBacklog(sweeping, left, span)
}

type Filtering = ExchangeFilter & { readonly rule: PerExchangeRule; readonly span: Span }

interface Sweep {
  readonly isFull: boolean
  readonly filters: readonly Filtering[]
  /** All of them have the same end; some begin later than others. */
  readonly span: Span
}

function begin({ reader: { reach }, instants }: Sweeping, followers: readonly Follower[]): Sweep {
  const isFull = followers.some(({ cursor }) => isFullSweepDue(cursor, instants.storeNow, reach))
  const filters = followers.map(({ rule, cursor }): Filtering => ({
    ...filterOf(rule),
    rule,
    span: spanOf(cursor, { storeNow: instants.storeNow, isFull }, reach),
  }))
  const [first, ...rest] = filters.map(({ span }) => span)
  if (!first) throw new Error('a sweep has nobody to read for')
  const span = rest.reduce((wide, one) => (one.from < wide.from ? { ...wide, from: one.from } : wide), first)
  return { isFull, filters, span }
}

function match(filters: readonly Filtering[], exchanges: readonly Exchange[]): Met[] {
  const meant = indexFilters(filters)
  return exchanges.flatMap((exchange) =>
    meant(exchange)
      .filter(({ span }) => isWithin(exchange, span))
      .map(({ rule }) => ({ rule, exchange })),
  )
}

/** How far they are once a page is taken in: at its last exchange, or at the end. */
async function readTo(
  sweeping: Sweeping,
  followers: readonly Follower[],
  { after, to }: Span,
): Promise<Follower[]> {
  if (after) return followers.map((one) => ({ ...one, cursor: pausedAt(one.cursor, to, after) }))
  const dropped = await countDropped(sweeping, followers, to)
  return followers.map((one, index) => {
    const swept = sweptUp(one.cursor, to, sweeping.reader.reach)
    return { ...one, cursor: { ...swept, dropped: swept.dropped + (dropped[index] ?? 0) } }
  })
}

const hourMs = 3_600_000

/** Once for each hour that is over: what came in too late to be told of is nothing to hurry about, and costs a scan. */
async function countDropped(
  { reader, hands }: Sweeping,
  followers: readonly Follower[],
  to: Date,
): Promise<readonly number[]> {
  const hourOf = (at: Date) => new Date(Math.floor(at.getTime() / hourMs) * hourMs)
  const [begun = to] = followers.map(({ cursor }) => hourOf(cursor.readTo))
  const hours = { from: begun, after: null, to: hourOf(to) }
  if (hours.from >= hours.to) return []
  try {
    const filters = followers.map(({ rule }) => filterOf(rule))
    return await reader.log.countDropped(filters, hours)
  } catch (error) {
    hands.log.warn({ err: error }, 'exchanges that came in too late could not be counted')
    return []
  }
}
