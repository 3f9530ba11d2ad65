import { nothingFails } from '#engine/rule/condition.ts'
import { type RouteMetric, routeMetric } from '#engine/rule/conditions/route-metric.ts'
import type { ExecutionsAnswer } from '#engine/telemetry/telemetry.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import { quantile } from '../quantile.ts'
import { bucketMs, madeUpRows, tickBuckets } from './made-up-rows.ts'
import { madeUpStore } from './made-up-store.ts'
import { questionOf, routeMetrics } from './questions.ts'
import { appCount, routeCount } from './rows.ts'

const windows = [60, 300, 900, 3600, 86_400]
const tickMs = bucketMs * tickBuckets
const perSecond = 5556
const ticks = 60
const delayMs = 5000
/** Sums of a day, then durations of a day, an hour each time. */
const mostSeedings = 60
/** So many windows of a day are counted again, row by row. */
const counted = 12

/** What the evaluator's memory of a whole day takes, and what a tick costs it: rows are made up in place of a store's answers. */
export async function dayFigures(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { rules, apps, mostMb } of [
    { rules: 10_000, apps: appCount, mostMb: 400 },
    { rules: 100_000, apps: 20_000 / routeCount, mostMb: 1500 },
  ])
    figures.push(...(await figuresOf(rules, apps, mostMb)))
  return figures
}

async function figuresOf(count: number, apps: number, mostMb: number): Promise<Figure[]> {
  const eachRow = madeUpRows(apps, perSecond)
  const store = madeUpStore(eachRow, apps)
  const rules = routeMetrics(count, windows, apps)
  const lateness = { of: async () => ({ delayMs, isStamped: true, silentSince: undefined }) }
  const watch = clickHouseTelemetry(store, { lateness }).watch(rules.map(questionOf))
  let seedings = 0
  const seedingMs: number[] = []
  store.tick = Math.floor(Date.now() / tickMs)
  for (store.asked = 1; store.asked > 0 && seedings < mostSeedings; seedings++) {
    store.asked = 0
    seedingMs.push(await costOf(store, () => watch.ask(new Date(store.tick++ * tickMs))))
  }
  store.asked = 0
  const tickCosts: number[] = []
  let answers: Awaited<ReturnType<typeof watch.ask>> = []
  for (let tick = 0; tick < ticks; tick++) {
    const at = new Date(++store.tick * tickMs)
    tickCosts.push(
      await costOf(store, async () => {
        answers = await watch.ask(at)
        for (const [index, answer] of answers.entries()) {
          const rule = rules[index]
          if (rule) routeMetric.judge(rule, answer, nothingFails)
        }
      }),
    )
  }
  const rssMb = process.memoryUsage().rss / 1024 ** 2
  const p99s = rules.flatMap((rule, index) =>
    rule.metric === 'P99_LATENCY_MS' && rule.windowSeconds === 86_400 && rule.scope.routeId !== undefined
      ? [{ leaf: leafOf(rule.scope), answer: answers[index] as ExecutionsAnswer }]
      : [],
  )
  const few = p99s.slice(0, counted)
  const right = countAnew(
    few.map(({ leaf }) => leaf),
    store.tick * tickBuckets,
    (bucket, visit) => eachRow(bucket, { after: -1, upTo: store.tick }, visit),
  )
  const different = few.filter(({ answer }, index) => answer.early.p99DurationMs !== right[index]).length
  watch.close()
  const keys = (apps * routeCount).toLocaleString('en-US')
  return [
    figure(
      `a day of 5,556 rows/s, made up: ${count.toLocaleString('en-US')} rules, ${keys} keys, a tick of the evaluator`,
      `${milliseconds(tickCosts.reduce((sum, ms) => sum + ms, 0) / ticks)}, at most ${milliseconds(Math.max(...tickCosts))}`,
    ),
    figure('… ticks in which the store was asked to count', `${store.asked} of ${ticks}`, {
      text: '0',
      met: store.asked === 0,
    }),
    figure('… windows of a day whose P99 is not that of its rows', `${different} of ${few.length}`, {
      text: '0',
      met: different === 0 && few.length === counted,
    }),
    figure('… memory of the evaluator', `${Math.round(rssMb)} MB (RSS)`, {
      text: `< ${mostMb} MB`,
      met: rssMb < mostMb,
    }),
    figure(
      '… until the day is known',
      `${seedings} ticks of ${milliseconds(quantile(seedingMs, 0.5))} (p50), ${milliseconds(Math.max(...seedingMs))} (most)`,
    ),
  ]
}

/** Processor time of this process, but for making rows up. */
async function costOf(store: { spentMs: number }, work: () => Promise<unknown>): Promise<number> {
  const before = { ...process.cpuUsage(), spentMs: store.spentMs }
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 - (store.spentMs - before.spentMs)
}

function leafOf({ appSlug = '', routeId = '' }: RouteMetric['scope']): number {
  return Number(appSlug.slice('app-'.length)) * routeCount + Number(routeId.slice('route-'.length))
}

/** The P99 of some leaves over the day up to a bucket, by looking at every row. */
function countAnew(
  leaves: readonly number[],
  head: number,
  each: (bucket: number, visit: (leaf: number, durationMs: number) => void) => void,
): number[] {
  const durations = new Map(leaves.map((leaf) => [leaf, [] as number[]]))
  for (let bucket = head - 86_400_000 / bucketMs + 1; bucket <= head; bucket++)
    each(bucket, (leaf, durationMs) => durations.get(leaf)?.push(durationMs))
  return leaves.map((leaf) => {
    const sorted = Float64Array.from(durations.get(leaf) ?? []).sort()
    return sorted[Math.floor(0.99 * sorted.length)] ?? NaN
  })
}
