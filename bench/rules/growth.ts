import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Figure, figure, machine, milliseconds } from '../figures.ts'
import { drawPlot, type Plot, type Series } from '../plot.ts'
import type { Ground } from './ground.ts'
import { appCount } from './rows.ts'
import { costOfTick } from './ticks.ts'

const ruleSteps = [100, 1000, 10_000, 100_000]
const rowSteps = [50, 500, 5000]
const ticks = 4
const fixed = { rules: 10_000, perSecond: 500 }

/** How the cost of a tick grows with the rules, and with the rows; drawn where `--plots` says. */
export async function growthFigures(ground: Ground, plots: string | undefined): Promise<Figure[]> {
  const byRules = await growth(ruleSteps, (rules) =>
    costOfTick(ground, { rules, apps: appCount, perSecond: fixed.perSecond, ticks }),
  )
  const byRows = await growth(rowSteps, (perSecond) =>
    costOfTick(ground, { rules: fixed.rules, apps: appCount, perSecond, ticks }),
  )
  const drawn: Readonly<Record<string, Plot>> = {
    'growth-rules.svg': {
      title: `A tick of 10 s over ${fixed.perSecond} rows/s, by rules`,
      x: 'rules, windows of 1 min to 24 h',
      y: 'CPU, ms',
      series: byRules,
      note: machine(),
    },
    'growth-rows.svg': {
      title: `A tick of 10 s with ${fixed.rules.toLocaleString('en-US')} rules, by rows`,
      x: 'rows a second',
      y: 'CPU, ms',
      series: byRows,
      note: machine(),
    },
  }
  if (plots !== undefined)
    for (const [name, plot] of Object.entries(drawn)) await writeFile(join(plots, name), drawPlot(plot))
  return [...told('rules', byRules), ...told('rows/s', byRows)]
}

interface Costs {
  readonly engineMs: number
  readonly evaluatorMs: number
}

async function growth(steps: readonly number[], cost: (step: number) => Promise<Costs>): Promise<Series[]> {
  const engine: [number, number][] = []
  const evaluator: [number, number][] = []
  for (const step of steps) {
    const { engineMs, evaluatorMs } = await cost(step)
    engine.push([step, Math.max(engineMs, 0.1)])
    evaluator.push([step, Math.max(evaluatorMs, 0.1)])
  }
  return [
    { name: 'ClickHouse', points: engine },
    { name: 'evaluator (Node)', points: evaluator },
  ]
}

function told(unit: string, [engine, evaluator]: readonly Series[]): Figure[] {
  return (engine?.points ?? []).map(([step, engineMs], index) => {
    const evaluatorMs = evaluator?.points[index]?.[1] ?? 0
    return figure(
      `a tick, ${step.toLocaleString('en-US')} ${unit}`,
      `${milliseconds(engineMs)} of the engine, ${milliseconds(evaluatorMs)} of the evaluator`,
    )
  })
}
