import { instantLiteral, literals } from '#workers/telemetry/literal.ts'
import { isScanned } from '#workers/telemetry/span.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Reports, Standing, Subject } from './standing.ts'
import type { StandingRelation } from './standing-relation.ts'

/** As one number: that takes half the time of comparing tuples. */
const order = 'toInt128(toUnixTimestamp64Milli(ts)) * 10000000000000 + toUnixTimestamp64Milli(ingested_at)'
const millis = (instant: string) => `toString(toUnixTimestamp64Milli(${instant}))`

interface Looking {
  readonly relation: StandingRelation
  readonly at: Date
  /** A condition on the rows that are of interest. */
  readonly only: string
}

interface StandingRow extends Subject {
  readonly state: string
  readonly version: string
  readonly first: string
  readonly last: string
  readonly lastOrder: string
  readonly another: string
  readonly isGapless: 0 | 1
  readonly stamped: string
}

export interface StandingsRead {
  readonly standings: readonly Standing[]
  /** Some row says when the store took it in: what came lately can be asked for. */
  readonly isStamped: boolean
}

/** Of whatever reported within reach its latest state, by app and name. */
export async function readStandings(
  store: TelemetryStore,
  { relation, at, only }: Looking,
): Promise<StandingsRead> {
  const { table, name, version, reachMs, longestMs } = relation
  const where = `${isScanned({ from: at.getTime() - reachMs, to: at.getTime() })} AND ${only}`
  const key = `environment, app, ${name}`
  // A report in each half of what may lie between two of them.
  const half = `intDiv(toUnixTimestamp64Milli(ts), ${(reachMs - longestMs) / 2})`
  // Of each state its latest report; the run of the latest state begins after the latest report of any other. Of several at one instant the last by name counts.
  const rows = await store.query<StandingRow>(
    `WITH latest AS (SELECT ${key}, arrayReverseSort(groupArray((seen, toString(state)))) AS states, states[1].2 AS current,` +
      ` states[2].1 AS ofAnother, states[2].2 AS anotherState FROM (SELECT ${key}, state, max(${order}) AS seen` +
      ` FROM ${table} WHERE ${where} GROUP BY ${key}, state) GROUP BY ${key})` +
      ` SELECT environment, app, ${name} AS name, current AS state, argMax(${version}, ${order}) AS version,` +
      ` ${millis('min(ts)')} AS first, ${millis('max(ts)')} AS last, toString(max(${order})) AS lastOrder,` +
      ` toString(ofAnother) AS another, uniqExact(${half}) = max(${half}) - min(${half}) + 1 AS isGapless,` +
      ` toString(countIf(ingested_at != ts)) AS stamped` +
      ` FROM ${table} AS reports INNER JOIN latest USING (${key})` +
      ` WHERE ${where} AND toString(reports.state) = current AND (${order} > ofAnother OR (${order} = ofAnother AND current > anotherState))` +
      ` GROUP BY environment, app, ${name}, current, ofAnother ORDER BY app, name`,
  )
  return { standings: rows.map(standingOf), isStamped: rows.some(({ stamped }) => stamped !== '0') }
}

function standingOf({ stamped: _stamped, ...row }: StandingRow): Standing {
  return {
    ...row,
    first: Number(row.first),
    last: Number(row.last),
    lastOrder: BigInt(row.lastOrder),
    another: BigInt(row.another),
    isGapless: Boolean(row.isGapless),
  }
}

export interface LateReports extends Subject {
  /** In their order; of who was in one state all the while, all together. */
  readonly reports: readonly Reports[]
  /** Something lies so far ahead that it will have been taken in long ago when its time comes. */
  readonly aheadUntil: number
}

interface LateRow extends Subject {
  readonly oneState: string
  readonly newestVersion: string
  readonly states: string
  readonly first: string
  readonly last: string
  readonly firstOrder: string
  readonly lastOrder: string
  readonly each: readonly (readonly [order: string, at: string, state: string, version: string])[]
  readonly ahead: string
}

/** What the store took in since an instant of its own clock. */
export async function readLately(
  store: TelemetryStore,
  { relation, at, only }: Looking,
  { since, aheadMs }: { readonly since: number; readonly aheadMs: number },
): Promise<readonly LateReports[]> {
  const { table, name, version, reachMs } = relation
  const until = instantLiteral(at.getTime())
  const isDue = `ts <= ${until}`
  const where = `${isScanned({ from: at.getTime() - reachMs, to: at.getTime() + reachMs })} AND ${only}`
  const rows = await store.query<LateRow>(
    `SELECT environment, app, ${name} AS name, anyIf(toString(state), ${isDue}) AS oneState,` +
      ` argMaxIf(${version}, ${order}, ${isDue}) AS newestVersion, toString(uniqExactIf(state, ${isDue})) AS states,` +
      ` ${millis(`minIf(ts, ${isDue})`)} AS first, ${millis(`maxIf(ts, ${isDue})`)} AS last,` +
      ` toString(minIf(${order}, ${isDue})) AS firstOrder, toString(maxIf(${order}, ${isDue})) AS lastOrder,` +
      ` if(uniqExactIf(state, ${isDue}) < 2, [], groupArrayIf((toString(${order}), ${millis('ts')}, toString(state), ${version}), ${isDue})) AS each,` +
      ` ${millis('max(ts)')} AS ahead` +
      ` FROM ${table} WHERE ${where} AND ingested_at > ${instantLiteral(since)} GROUP BY environment, app, ${name}`,
  )
  return rows.map((row) => ({
    environment: row.environment,
    app: row.app,
    name: row.name,
    reports: reportsOf(row),
    aheadUntil: Number(row.ahead) > at.getTime() + aheadMs ? Number(row.ahead) : 0,
  }))
}

function reportsOf({ each, ...row }: LateRow): Reports[] {
  if (row.states === '0') return []
  if (each.length === 0) {
    const { oneState: state, newestVersion: version } = row
    return [
      {
        state,
        version,
        first: Number(row.first),
        last: Number(row.last),
        firstOrder: BigInt(row.firstOrder),
        lastOrder: BigInt(row.lastOrder),
      },
    ]
  }
  const single = each.map(([text, at, state, version]) => {
    const [order, instant] = [BigInt(text), Number(at)]
    return { state, version, first: instant, last: instant, firstOrder: order, lastOrder: order }
  })
  return single.toSorted((one, other) => Number(one.lastOrder - other.lastOrder))
}

/** Whose reports lie ahead of an instant, and until when; whoever is further ahead than the reach is as good as lost. */
export async function readAhead(
  store: TelemetryStore,
  { relation: { table, name, reachMs }, at, only }: Looking,
): Promise<readonly { readonly subject: Subject; readonly until: number }[]> {
  const where = `${isScanned({ from: at.getTime(), to: at.getTime() + reachMs })} AND ${only}`
  const rows = await store.query<Subject & { readonly until: string }>(
    `SELECT environment, app, ${name} AS name, ${millis('max(ts)')} AS until FROM ${table} WHERE ${where}` +
      ` GROUP BY environment, app, ${name}`,
  )
  return rows.map(({ until, ...subject }) => ({ subject, until: Number(until) }))
}

/** The store's own clock, in ms. */
export async function readStoreClock(store: TelemetryStore): Promise<number> {
  const [row] = await store.query<{ now: string }>(`SELECT ${millis('now64(3)')} AS now`)
  return Number(row?.now)
}

export function isOneOf(subjects: readonly Subject[], { name }: StandingRelation): string {
  const tuples = subjects.map((one) => `(${literals([one.environment, one.app, one.name])})`)
  return `(environment, app, ${name}) IN (${tuples.join(', ')})`
}
