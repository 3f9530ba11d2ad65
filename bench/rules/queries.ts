import { indexFilters } from '#engine/telemetry/exchanges.ts'
import type { ExchangesQuestion, JvmMetricsQuestion } from '#engine/telemetry/telemetry.ts'
import { clickHouseExchanges } from '#workers/exchanges/exchange-log.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import { costEach, passGate } from './gates.ts'
import type { Ground } from './ground.ts'
import { questionOf, routeMetrics } from './questions.ts'
import { appCount, insertExecutions, insertSamples, jvmMetrics, routeCount } from './rows.ts'
import { tenfold, tenfoldOfQuestions } from './tenfold.ts'

const hours = 3
const perSecond = 58

/** 1,000 rules of a kind at a time, over a little traffic: what sharing a scan is worth. */
export async function queryFigures(ground: Ground): Promise<Figure[]> {
  const store = await ground.database('queries')
  const until = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  await insertExecutions(store, until, { seconds: hours * 3600, perSecond })
  await insertSamples(store, until, hours * 3600)
  for (const table of ['executions', 'jvm_metrics']) await store.command(`OPTIMIZE TABLE ${table} FINAL`)
  const metrics = (count: number, windows: readonly number[]) => routeMetrics(count, windows).map(questionOf)
  const executions = {
    table: 'executions',
    columns: 'environment, app, route, status, ts, duration_ms',
  }
  return [
    ...(await passGate(ground, store, until, {
      ...executions,
      what: '1,000 ROUTE_METRIC, 5 min, 58 rows/s',
      questions: metrics(1000, [300]),
      leastRatio: 250,
      mostFloors: 3,
    })),
    ...(await passGate(ground, store, until, {
      ...executions,
      what: '1,000 ROUTE_METRIC, windows of 1, 5, 15 and 60 min, 58 rows/s',
      questions: metrics(1000, [60, 300, 900, 3600]),
      leastRatio: 60,
      mostFloors: 6,
    })),
    ...(await perExchangeFigures(ground, store, until)),
    ...(await passGate(ground, store, until, {
      table: 'jvm_metrics',
      columns: 'environment, app, agent, metric, value, ts',
      what: '1,000 JVM_METRIC, 5 min, 200 rows/s',
      questions: jvmQuestions(1000),
      leastRatio: 70,
      mostFloors: 4,
    })),
    ...(await tenfoldOfQuestions(ground, store, until, {
      what: 'ROUTE_METRIC, 5 min',
      questions: (count) => metrics(count, [300]),
    })),
    ...(await tenfoldOfQuestions(ground, store, until, {
      what: 'JVM_METRIC, 5 min',
      questions: jvmQuestions,
    })),
    ...(await tenfoldOfQuestions(ground, store, until, {
      what: 'EXCHANGE_MATCH counted, 5 min',
      questions: (count) => exchangeFilters(count).map((filter) => ({ ...filter, windowSeconds: 300 })),
    })),
    await tenfoldDrain(ground, store, until),
  ]
}

function jvmQuestions(count: number): JvmMetricsQuestion[] {
  return Array.from({ length: count }, (_, index) => ({
    about: 'jvm_metrics',
    environment: 'prod',
    app: `app-${(index * 7) % appCount}`,
    metric: jvmMetrics[Math.floor(index / appCount) % jvmMetrics.length] ?? '',
    windowSeconds: 300,
  }))
}

/** Four in five of failed exchanges of a route, one of those of an app with an attribute. */
function exchangeFilters(count: number): ExchangesQuestion[] {
  return Array.from({ length: count }, (_, index) => ({
    about: 'exchanges',
    environment: 'prod',
    app: `app-${(index * 7) % appCount}`,
    ...(index % 5 === 0
      ? { attributes: { 'payment.type': index % 2 === 0 ? 'card' : 'invoice' } }
      : { route: `route-${(index * 3) % routeCount}`, attributes: {} }),
    status: 'FAILED',
    windowSeconds: 120,
  }))
}

const mostRows = 10_000

/** A page of the latest two minutes, in which each row finds the rules that tell of it. */
async function tenfoldDrain(ground: Ground, store: TelemetryStore, until: Date): Promise<Figure> {
  const log = clickHouseExchanges(store, 86_400)
  const sideOf = (rules: number) => {
    const filters = exchangeFilters(rules)
    const span = (at: Date) => ({ from: new Date(at.getTime() - 120_000), after: null, to: at })
    return { rules, ask: (at: Date) => log.page(filters, span(at), mostRows) }
  }
  return tenfold(ground, until, {
    what: 'EXCHANGE_MATCH one by one (PER_EXCHANGE), 2 min',
    some: sideOf(1000),
    many: sideOf(10_000),
  })
}

/** Rules that tell of every exchange read rows, two minutes of them again and again, and each row finds its rules. */
async function perExchangeFigures(ground: Ground, store: TelemetryStore, until: Date): Promise<Figure[]> {
  const filters = exchangeFilters(1000)
  const log = clickHouseExchanges(store, 86_400)
  const meant = indexFilters(filters)
  const span = (at: Date) => ({ from: new Date(at.getTime() - 120_000), after: null, to: at })
  const together = async (at: Date) =>
    (await log.page(filters, span(at), mostRows)).flatMap((exchange) =>
      meant(exchange).map((filter) => `${filters.indexOf(filter)} ${exchange.position.key}`),
    )
  const found = new Set(await together(until))
  const moments = Array.from({ length: 20 }, (_, index) => new Date(until.getTime() - index * 997))
  const fusedMs = await costEach(ground, moments, together)
  const before = ground.cpuMs()
  const alone = new Set<string>()
  for (const [index, filter] of filters.entries())
    for (const { position } of await log.page([filter], span(until), mostRows))
      alone.add(`${index} ${position.key}`)
  const ratio = (ground.cpuMs() - before) / fusedMs
  const both = [...found].filter((pair) => alone.has(pair)).length
  const different = found.size + alone.size - 2 * both
  return [
    figure(
      '1,000 EXCHANGE_MATCH one by one (PER_EXCHANGE), 2 min, 58 rows/s',
      `${milliseconds(fusedMs)} at once, ${milliseconds(ratio * fusedMs)} rule by rule: ${ratio.toFixed(0)}×`,
      { text: '≥ 400×', met: ratio >= 400 },
    ),
    figure('… pairs of rule and exchange that differ', `${different} of ${alone.size}`, {
      text: '0',
      met: different === 0 && alone.size > 0,
    }),
  ]
}
