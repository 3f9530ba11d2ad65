import { isDeepStrictEqual } from 'node:util'
import type { Question } from '#engine/telemetry/telemetry.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { isScanned } from '#workers/telemetry/span.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import type { Ground } from './ground.ts'

/** Many rules' questions at once, against each alone, and against merely reading the columns they are about. */
export interface Gate {
  readonly what: string
  readonly questions: readonly Question[]
  readonly table: string
  /** What the evaluator reads, for the floor. */
  readonly columns: string
  readonly leastRatio: number
  /** In multiples of the floor. */
  readonly mostFloors?: number
}

const repetitions = 20
const delayMs = 5000

/** As a house has it whose rows come within seconds: what is settled ends a little before what is early. */
export const quickRows: Lateness = {
  of: async () => ({ delayMs, isStamped: true, silentSince: undefined }),
}

export async function passGate(
  ground: Ground,
  store: TelemetryStore,
  until: Date,
  { what, questions, table, columns, leastRatio, mostFloors }: Gate,
): Promise<Figure[]> {
  const telemetry = clickHouseTelemetry(store, { lateness: quickRows })
  const longestMs = Math.max(...questions.map(({ windowSeconds }) => windowSeconds)) * 1000
  const moments = Array.from({ length: repetitions }, (_, index) => new Date(until.getTime() - index * 997))
  const together = await telemetry.ask(questions, until)
  const fusedMs = await costEach(ground, moments, (at) => telemetry.ask(questions, at))
  const floorMs = await costEach(ground, moments, (at) => {
    const to = at.getTime()
    const span = { from: to - delayMs - longestMs, to }
    return store.query(`SELECT count() FROM ${table} WHERE ${isScanned(span)} AND NOT ignore(${columns})`)
  })
  const before = ground.cpuMs()
  let different = 0
  for (const [index, question] of questions.entries()) {
    const [alone] = await telemetry.ask([question], until)
    if (!isDeepStrictEqual(alone, together[index])) different++
  }
  const ratio = (ground.cpuMs() - before) / fusedMs
  const floors = fusedMs / floorMs
  return [
    figure(
      what,
      `${milliseconds(fusedMs)} at once, ${milliseconds(ratio * fusedMs)} one by one: ${ratio.toFixed(0)}×`,
      {
        text: `≥ ${leastRatio}×`,
        met: ratio >= leastRatio,
      },
    ),
    figure(
      `… against reading the columns`,
      `${milliseconds(floorMs)}: ${floors.toFixed(1)}×`,
      mostFloors === undefined ? undefined : { text: `≤ ${mostFloors}×`, met: floors <= mostFloors },
    ),
    figure(`… answers that differ from those one by one`, `${different} of ${questions.length}`, {
      text: '0',
      met: different === 0,
    }),
  ]
}

/** Processor milliseconds of one once it is warm, at moments that move, so that nothing can be remembered. */
export async function costEach(
  ground: Ground,
  moments: readonly Date[],
  work: (at: Date) => Promise<unknown>,
): Promise<number> {
  for (const at of moments.slice(0, 5)) await work(at)
  const before = ground.cpuMs()
  for (const at of moments) await work(at)
  return (ground.cpuMs() - before) / moments.length
}
