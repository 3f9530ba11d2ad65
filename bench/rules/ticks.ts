import { nothingFails } from '#engine/rule/condition.ts'
import { routeMetric } from '#engine/rule/conditions/route-metric.ts'
import type { Watch } from '#engine/telemetry/telemetry.ts'
import { learnedLateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import type { Ground } from './ground.ts'
import { questionOf, routeMetrics } from './questions.ts'
import { insertExecutions } from './rows.ts'

const windows = [60, 300, 900, 3600, 86_400]
const tickSeconds = 10
/** Enough for the longest windows to be seeded, an hour with each tick. */
const seedingTicks = 26
const measuredTicks = 10

/** Twenty minutes of 5,556 executions a second before the first tick, and as many with every tick. */
export async function tickFigures(ground: Ground): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { count, mostMs } of [
    { count: 10_000, mostMs: 150 },
    { count: 100_000, mostMs: 400 },
  ]) {
    const cost = await costOfTick(ground, { count, perSecond: 5556, historySeconds: 1200 })
    const rate = `${count.toLocaleString('en-US')} rules, windows of 1 min to 24 h, 5,556 rows/s, a tick of 10 s`
    figures.push(
      figure(rate, `${milliseconds(cost.cpuMs)} CPU (engine and evaluator), judged`, {
        text: `≤ ${mostMs} ms`,
        met: cost.cpuMs <= mostMs,
      }),
      figure(`${rate}: answers that differ from a query's`, `${cost.different} of ${cost.compared}`, {
        text: '0',
        met: cost.different === 0,
      }),
      figure(`${rate}: memory of the evaluator, 2,000 keys`, `${Math.round(cost.rssMb)} MB (RSS)`, {
        text: '< 400 MB',
        met: cost.rssMb < 400,
      }),
    )
  }
  return figures
}

interface Load {
  readonly count: number
  readonly perSecond: number
  readonly historySeconds: number
}

interface Cost {
  readonly cpuMs: number
  readonly rssMb: number
  readonly compared: number
  readonly different: number
}

let databases = 0

async function costOfTick(ground: Ground, { count, perSecond, historySeconds }: Load): Promise<Cost> {
  const store = await ground.database(`ticks_${databases++}`)
  const start = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  await insertExecutions(store, start, { seconds: historySeconds, perSecond })
  const rules = routeMetrics(count, windows)
  const telemetry = clickHouseTelemetry(store, { lateness: learnedLateness(store) })
  const watch = telemetry.watch(rules.map(questionOf))
  const at = (tick: number) => new Date(start.getTime() + tick * tickSeconds * 1000)
  let cpuMs = 0
  for (let tick = 1; tick <= seedingTicks + measuredTicks; tick++) {
    if (tick > seedingTicks - 12) await arrive(store, at(tick), perSecond)
    const before = ground.cpuMs()
    const answers = await watch.ask(at(tick))
    for (const [index, answer] of answers.entries()) {
      const rule = rules[index]
      if (rule) routeMetric.judge(rule, answer, nothingFails)
    }
    if (tick > seedingTicks) cpuMs += ground.cpuMs() - before
  }
  const rssMb = process.memoryUsage().rss / 1024 ** 2
  const compared = await compare(watch, { store, count, at: at(seedingTicks + measuredTicks) })
  watch.close()
  await store.command('TRUNCATE TABLE executions')
  return { cpuMs: cpuMs / measuredTicks, rssMb, ...compared }
}

function arrive(store: TelemetryStore, until: Date, perSecond: number): Promise<void> {
  return insertExecutions(store, until, { seconds: tickSeconds, perSecond, isFresh: true })
}

/** Every window of up to an hour, by one query, against what the ring says of the same instant. */
async function compare(
  watch: Watch,
  { store, count, at }: { store: TelemetryStore; count: number; at: Date },
) {
  const questions = routeMetrics(count, windows).map(questionOf)
  const which = questions
    .flatMap((question, index) => (question.windowSeconds <= 900 ? [index] : []))
    .slice(0, 10_000)
  const fromRing = await watch.ask(at, which)
  const asked = await clickHouseTelemetry(store).ask(
    which.flatMap((index) => questions[index] ?? []),
    at,
  )
  const early = (answer: unknown) => JSON.stringify((answer as { early: unknown }).early)
  const different = fromRing.filter((answer, index) => early(answer) !== early(asked[index])).length
  return { compared: which.length, different }
}
