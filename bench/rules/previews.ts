import { formatDuration } from '#engine/duration.ts'
import { previewSlots } from '#engine/telemetry/picture-slots.ts'
import type { Question } from '#engine/telemetry/telemetry.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import type { Ground } from './ground.ts'
import { insertLogs } from './log-patterns.ts'
import { insertExecutions, insertSamples } from './rows.ts'

const daySeconds = 86_400
const executions = 20_000_000
const windows = [60, 3600, daySeconds]
const mostMs = 5000

const prod = { environment: 'prod' } as const

/** What people wait for; about everything there is, which is the worst. */
const questions: Readonly<Record<string, (windowSeconds: number) => Question>> = {
  'ROUTE_METRIC, rate of errors': (windowSeconds) => ({ about: 'executions', ...prod, windowSeconds }),
  'ROUTE_METRIC, P99': (windowSeconds) => ({ about: 'executions', ...prod, withP99: true, windowSeconds }),
  'EXCHANGE_MATCH, failed ones': (windowSeconds) => ({
    about: 'exchanges',
    ...prod,
    status: 'FAILED',
    attributes: {},
    windowSeconds,
  }),
  'EXCHANGE_MATCH, any': (windowSeconds) => ({ about: 'exchanges', ...prod, attributes: {}, windowSeconds }),
  LOG_PATTERN: (windowSeconds) => ({
    about: 'logs',
    ...prod,
    levels: ['INFO', 'WARN', 'ERROR'],
    pattern: 'Timeout.*retry [1-3]',
    windowSeconds,
  }),
  JVM_METRIC: (windowSeconds) => ({ about: 'jvm_metrics', ...prod, metric: 'heap.used', windowSeconds }),
}

/** How long the form's preview takes where there is much to look at: the trace, from asking until it is answered. */
export async function previewFigures(ground: Ground): Promise<Figure[]> {
  const store = await ground.database('previews')
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  for (let hour = 0; hour < 24; hour++) {
    const until = new Date(now.getTime() - hour * 3_600_000)
    const firstId = hour * executions
    await insertExecutions(store, until, { seconds: 3600, perSecond: executions / daySeconds, firstId })
    await insertLogs(store, until, 3600)
    await insertSamples(store, until, 3600)
  }
  const telemetry = clickHouseTelemetry(store)
  const figures: Figure[] = []
  for (const windowSeconds of windows)
    for (const [name, questionOver] of Object.entries(questions)) {
      const before = { at: performance.now(), engineMs: ground.engineCpuMs() }
      await telemetry.trace(questionOver(windowSeconds), previewSlots(now, windowSeconds))
      const tookMs = performance.now() - before.at
      figures.push(
        figure(
          `preview of ${name}, ${formatDuration(windowSeconds)}`,
          `${milliseconds(tookMs)}, ${milliseconds(ground.engineCpuMs() - before.engineMs)} of the engine`,
          { text: `≤ ${mostMs / 1000} s`, met: tookMs <= mostMs },
        ),
      )
    }
  return figures
}
