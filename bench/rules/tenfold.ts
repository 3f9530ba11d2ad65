import { isDeepStrictEqual } from 'node:util'
import type { Answer, Question } from '#engine/telemetry/telemetry.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Figure, figure, milliseconds } from '../figures.ts'
import { quickRows } from './gates.ts'
import type { Ground } from './ground.ts'

const turns = 60
/** Patterns are compiled, and memories begun, before anything is counted. */
const warming = 3
const comparedAlone = 100

/** What so many rules ask at an instant. */
interface Side<Said = unknown> {
  readonly rules: number
  readonly ask: (at: Date) => Promise<Said>
}

interface Sides {
  readonly what: string
  readonly some: Side
  /** Ten times as many, about the same rows. */
  readonly many: Side
}

/** What ten times the rules cost the engine more, taken in turns, at moments that move. */
export async function tenfold(ground: Ground, until: Date, { what, some, many }: Sides): Promise<Figure> {
  const cost = new Map<Side, number>([
    [some, 0],
    [many, 0],
  ])
  for (let turn = 0; turn < warming + turns; turn++)
    for (const side of [some, many]) {
      const before = ground.engineCpuMs()
      await side.ask(new Date(until.getTime() + turn * 997))
      if (turn >= warming) cost.set(side, (cost.get(side) ?? 0) + ground.engineCpuMs() - before)
    }
  const each = (side: Side) => (cost.get(side) ?? 0) / turns
  const more = each(many) / each(some) - 1
  return figure(
    `${what}: ${some.rules.toLocaleString('en-US')} rules, then ${many.rules.toLocaleString('en-US')} over the same rows`,
    `${milliseconds(each(some))}, ${milliseconds(each(many))} of the engine: ${(more * 100).toFixed(1)} % more`,
    { text: '≤ 10 %', met: more <= 0.1 },
  )
}

interface Asking {
  readonly what: string
  readonly questions: (count: number) => readonly Question[]
  /** Remembered from one instant to the next, as rules are; otherwise each instant is asked anew. */
  readonly isWatched?: boolean
}

/** The same for questions, a thousand and ten thousand; and whether each alone is answered as all together. */
export async function tenfoldOfQuestions(
  ground: Ground,
  store: TelemetryStore,
  until: Date,
  { what, questions, isWatched = false }: Asking,
): Promise<Figure[]> {
  const telemetry = clickHouseTelemetry(store, { lateness: quickRows })
  const sideOf = (count: number): Side<readonly Answer[]> => {
    const theirs = questions(count)
    const watch = isWatched ? telemetry.watch(theirs) : undefined
    return { rules: count, ask: (at: Date) => watch?.ask(at) ?? telemetry.ask(theirs, at) }
  }
  const many = sideOf(10_000)
  const cost = await tenfold(ground, until, { what, some: sideOf(1000), many })
  const after = new Date(until.getTime() + (warming + turns) * 997)
  const together = await many.ask(after)
  let different = 0
  for (const [index, question] of questions(comparedAlone).entries()) {
    const [alone] = await telemetry.ask([question], after)
    if (!isDeepStrictEqual(alone, together[index])) different++
  }
  return [
    cost,
    figure('… answers that differ from those one by one', `${different} of ${comparedAlone}`, {
      text: '0',
      met: different === 0,
    }),
  ]
}
