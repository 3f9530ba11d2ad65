import { type ExchangeFilter, type ExchangeTraits, indexFilters } from '#engine/telemetry/exchanges.ts'
import type { ExchangesAnswer, ExchangesQuestion, Slots } from '#engine/telemetry/telemetry.ts'
import { literal, literals } from './literal.ts'
import { isInside, isScanned, type Look, shareSpans } from './span.ts'
import type { TelemetryStore } from './store.ts'
import { bySlot, type Run, runsOfSlots, sumOf } from './window.ts'

/** One that was reported twice counts once; those without an id cannot be told apart, and count each. */
const countOf = (condition: string) =>
  `toUInt64(uniqExactIf(exec_id, toString(exec_id) != '' AND ${condition}) + countIf(toString(exec_id) = '' AND ${condition}))`

/** One scan counts for each question over its windows. */
export async function answerExchanges(
  store: TelemetryStore,
  questions: readonly ExchangesQuestion[],
  look: Look,
): Promise<ExchangesAnswer[]> {
  const { spans, hull, measured } = shareSpans(questions, look)
  const counts = await countExchanges(store, questions, {
    where: isScanned(hull),
    parameters: {},
    conditions: spans.map(isInside),
  })
  return questions.map((question, place) => ({
    about: 'exchanges',
    ...measured(question, (index) => ({ count: counts[place]?.[index] ?? 0 })),
  }))
}

interface Rows {
  readonly where: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** What is counted, each by itself. */
  readonly conditions: readonly string[]
}

type Group = Omit<ExchangeTraits, 'attributes'> &
  Readonly<Record<`a${number}`, string>> &
  Readonly<Record<`c${number}`, string>>

/**
 * By filter and condition. One scan counts by the traits that any filter asks about, and each filter adds up what it means. Values
 * of attributes that nobody asks about count as none, so the groups are bounded by the filters.
 */
export async function countExchanges(
  store: TelemetryStore,
  filters: readonly ExchangeFilter[],
  { where, parameters, conditions }: Rows,
): Promise<number[][]> {
  const asked = askedAttributes(filters)
  const counted = conditions.map((condition, index) => `${countOf(condition)} AS c${index}`)
  const environments = [...new Set(filters.map(({ environment }) => environment))]
  const groups = await store.query<Group>(
    `SELECT environment, app, ${named(filters, 'route')}, ${named(filters, 'agent')},` +
      ` toString(status) AS status${attributeColumns(asked)}, ${counted.join(', ')} FROM executions` +
      ` WHERE ${where} AND environment IN (${literals(environments)}) AND ${hasAnyStatus(filters)} GROUP BY ALL`,
    parameters,
  )
  const counts = new Map(filters.map((filter) => [filter, conditions.map(() => 0)]))
  const meant = indexFilters(filters)
  for (const group of groups)
    for (const filter of meant({ ...group, attributes: attributesOf(group, asked) })) {
      const before = counts.get(filter) ?? []
      counts.set(
        filter,
        before.map((count, index) => count + Number(group[`c${index}`])),
      )
    }
  return filters.map((filter) => counts.get(filter) ?? [])
}

function named(filters: readonly ExchangeFilter[], column: 'route' | 'agent'): string {
  return filters.some((filter) => filter[column] !== undefined) ? column : `'' AS ${column}`
}

function hasAnyStatus(filters: readonly ExchangeFilter[]): string {
  const statuses = [...new Set(filters.map(({ status }) => status))]
  return `(${statuses.map(hasStatus).join(' OR ')})`
}

/** Without one: whatever has ended. */
export function hasStatus(status: ExchangeFilter['status']): string {
  return status === undefined ? "toString(status) != 'RUNNING'" : `toString(status) = ${literal(status)}`
}

export function hasAttribute([name, value]: readonly [name: string, value: string]): string {
  return `attributes[${literal(name)}] = ${literal(value)}`
}

type AskedAttributes = ReadonlyMap<string, ReadonlySet<string>>

function askedAttributes(filters: readonly ExchangeFilter[]): AskedAttributes {
  const asked = new Map<string, Set<string>>()
  for (const [name, value] of filters.flatMap(({ attributes }) => Object.entries(attributes)))
    asked.set(name, (asked.get(name) ?? new Set()).add(value))
  return asked
}

function attributeColumns(asked: AskedAttributes): string {
  const columns = [...asked].map(([name, values], index) => {
    const value = `attributes[${literal(name)}]`
    return `, if(${value} IN (${literals([...values])}), ${value}, '') AS a${index}`
  })
  return columns.join('')
}

function attributesOf(group: Group, asked: AskedAttributes): Record<string, string> {
  return Object.fromEntries([...asked.keys()].map((name, index) => [name, group[`a${index}`] ?? '']))
}

/** To count more of them once each takes longer than anybody waits for a picture. */
const mostTraced = 2_000_000
/** What does not fit is put on disk meanwhile. */
const roomBytes = 200_000_000
const mostSlots = 65_536

/** An exchange that was reported twice counts once in each slot whose window holds it. */
export async function traceExchanges(
  store: TelemetryStore,
  question: ExchangesQuestion,
  slots: Slots,
): Promise<ExchangesAnswer[]> {
  const { columns, where } = runsOfSlots(question, slots)
  const rows = `executions WHERE ${where} AND ${isMeant(question)}`
  const reports = await store.query<Run & { count: string }>(
    `SELECT ${columns}, count() AS count FROM ${rows} GROUP BY first_slot, after_slot`,
  )
  const countIn = (held: readonly { count: number | string }[]) => sumOf(held, ({ count }) => Number(count))
  if (countIn(reports) > mostTraced)
    return bySlot(reports, slots).map((held) => ({ ...toAnswer(countIn(held)), countsReports: true }))
  const exchanges = await store.query<{ earliest: string; latest: string; count: number }>(
    'SELECT earliest, latest, toFloat64(sum(times)) AS count FROM (SELECT min(run) AS earliest, max(run) AS latest,' +
      " if(any(id) = '', count(), 1) AS times" +
      ` FROM (SELECT toString(exec_id) AS id, toUInt64(first_slot) * ${mostSlots} + after_slot AS run` +
      ` FROM (SELECT exec_id, ${columns} FROM ${rows})) GROUP BY if(id = '', run, cityHash64(id)))` +
      ` GROUP BY earliest, latest SETTINGS max_bytes_before_external_group_by = ${roomBytes}`,
  )
  const runs = exchanges.flatMap(({ earliest, latest, count }) =>
    together(runOf(earliest), runOf(latest)).map((run) => ({ ...run, count })),
  )
  return bySlot(runs, slots).map((held) => toAnswer(countIn(held)))
}

function runOf(number: string): Run {
  return { first_slot: Math.floor(Number(number) / mostSlots), after_slot: Number(number) % mostSlots }
}

/** The slots of the first and the last report of an exchange; what was reported in between lies in them but for the oddest cases. */
function together(earliest: Run, latest: Run): Run[] {
  if (earliest.after_slot < latest.first_slot) return [earliest, latest]
  return [{ first_slot: earliest.first_slot, after_slot: latest.after_slot }]
}

function isMeant({ environment, app, route, agent, status, attributes }: ExchangeFilter): string {
  const names = Object.entries({ environment, app, route, agent })
  return [
    ...names.flatMap(([name, value]) => (value === undefined ? [] : `${name} = ${literal(value)}`)),
    hasStatus(status),
    ...Object.entries(attributes).map(hasAttribute),
  ].join(' AND ')
}

function toAnswer(count: number): ExchangesAnswer {
  return { about: 'exchanges', early: { count }, settled: { count } }
}
