import { setTimeout as pause } from 'node:timers/promises'
import { nothingFails } from '#engine/rule/condition.ts'
import { routeMetric } from '#engine/rule/conditions/route-metric.ts'
import type { Watch } from '#engine/telemetry/telemetry.ts'
import { learnedLateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import type { Ground } from './ground.ts'
import { questionOf, routeMetrics } from './questions.ts'
import { appCount, insertExecutions, lateShare, routeCount } from './rows.ts'

const windows = [60, 300, 900, 3600, 86_400]
const tickMs = 10_000
/** So late are the latest rows. */
const latestSeconds = 120
/** Enough for the longest windows to be seeded, an hour each time. */
const seedings = 26

const manyKeys = 20_000 / routeCount

/** Twenty minutes of executions before the first tick, and more with every tick, in real time. */
export async function tickFigures(ground: Ground): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { rules, mostMs, apps, mostMb } of [
    { rules: 10_000, mostMs: 150, apps: appCount, mostMb: 400 },
    { rules: 100_000, mostMs: 400, apps: appCount, mostMb: 400 },
    { rules: 100_000, mostMs: 400, apps: manyKeys, mostMb: 1500 },
  ]) {
    const cost = await costOfTick(ground, { rules, apps, perSecond: 5556, ticks: 10 })
    const keys = (apps * routeCount).toLocaleString('en-US')
    figures.push(
      figure(
        `${rules.toLocaleString('en-US')} rules, ${keys} keys, windows of 1 min to 24 h, 5,556 rows/s, a tick of 10 s`,
        `${milliseconds(cost.engineMs)} of the engine and ${milliseconds(cost.evaluatorMs)} of the evaluator, judged`,
        { text: `≤ ${mostMs} ms`, met: cost.engineMs + cost.evaluatorMs <= mostMs },
      ),
      figure(`… answers that differ from a query's`, `${cost.different} of ${cost.compared}`, {
        text: '0',
        met: cost.different === 0,
      }),
      figure(`… memory of the evaluator`, `${Math.round(cost.rssMb)} MB (RSS)`, {
        text: `< ${mostMb} MB`,
        met: cost.rssMb < mostMb,
      }),
    )
  }
  return figures
}

export interface Load {
  readonly rules: number
  readonly apps: number
  readonly perSecond: number
  /** How many are measured. */
  readonly ticks: number
}

interface Cost {
  /** Processor time for each tick. */
  readonly engineMs: number
  readonly evaluatorMs: number
  readonly rssMb: number
  readonly compared: number
  readonly different: number
}

let databases = 0

export async function costOfTick(
  ground: Ground,
  { rules: count, apps, perSecond, ticks }: Load,
): Promise<Cost> {
  const store = await ground.database(`ticks_${databases++}`)
  const arrive = (from: number, to: number) =>
    insertExecutions(store, new Date(to), { seconds: (to - from) / 1000, perSecond, apps })
  const arriveNow = async (from: number, to: number) => {
    const [seconds, late] = [(to - from) / 1000, perSecond / lateShare]
    await insertExecutions(store, new Date(to), { seconds, perSecond: perSecond - late, isFresh: true, apps })
    const ofLate = {
      seconds: latestSeconds,
      perSecond: (late * seconds) / latestSeconds,
      isFresh: true,
      apps,
    }
    await insertExecutions(store, new Date(to), ofLate)
  }
  const rules = routeMetrics(count, windows, apps)
  const watch = clickHouseTelemetry(store, { lateness: learnedLateness(store) }).watch(rules.map(questionOf))
  let last = lastTick()
  await arrive(last - 1_200_000, last)
  // What the engine does to keep rows in order is the price of writing them, whoever asks.
  await store.command('OPTIMIZE TABLE executions FINAL')
  await store.command('SYSTEM STOP MERGES executions')
  for (let seeding = 0; seeding < seedings; seeding++) await watch.ask(new Date(last))
  const engineMs: number[] = []
  const evaluatorMs: number[] = []
  // The first one catches up with what the seeding took.
  for (let tick = 0; tick <= ticks; tick++) {
    if (tick > 0) await pause(Math.max(0, last + tickMs - Date.now()))
    const now = lastTick()
    await (tick > 0 ? arriveNow(last, now) : arrive(last, now))
    last = now
    const before = { engine: ground.engineCpuMs(), all: ground.cpuMs() }
    const answers = await watch.ask(new Date(last))
    for (const [index, answer] of answers.entries()) {
      const rule = rules[index]
      if (rule) routeMetric.judge(rule, answer, nothingFails)
    }
    if (tick === 0) continue
    engineMs.push(ground.engineCpuMs() - before.engine)
    evaluatorMs.push(ground.cpuMs() - before.all - (engineMs.at(-1) ?? 0))
  }
  const rssMb = process.memoryUsage().rss / 1024 ** 2
  const compared = await compare(watch, { store, questions: rules.map(questionOf), at: new Date(last) })
  watch.close()
  await store.command('TRUNCATE TABLE executions')
  return { engineMs: mean(engineMs), evaluatorMs: mean(evaluatorMs), rssMb, ...compared }
}

function lastTick(): number {
  return Math.floor(Date.now() / tickMs) * tickMs
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

interface Asked {
  readonly store: TelemetryStore
  readonly questions: readonly ReturnType<typeof questionOf>[]
  readonly at: Date
}

/** Every window of up to a quarter of an hour, by one query, against what the ring says of the same instant. */
async function compare(watch: Watch, { store, questions, at }: Asked) {
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
