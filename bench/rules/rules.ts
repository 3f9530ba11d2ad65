import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Figure } from '../figures.ts'
import { toMarkdown } from '../figures.ts'
import { type Ground, openGround } from './ground.ts'
import { dayFigures } from './day.ts'
import { growthFigures } from './growth.ts'
import { logFigures } from './log-patterns.ts'
import { previewFigures } from './previews.ts'
import { queryFigures } from './queries.ts'
import { requestFigures } from './requests.ts'
import { standingFigures } from './standings.ts'
import { tickFigures } from './ticks.ts'
import { tickerFigures } from './ticker.ts'

export interface RulesWish {
  /** A folder for the plots. */
  readonly plots?: string
}

type Part = (ground: Ground, wish: RulesWish) => Promise<Figure[]>

const parts: Readonly<Record<string, Part>> = {
  queries: queryFigures,
  standings: standingFigures,
  logs: logFigures,
  requests: requestFigures,
  tick: tickFigures,
  day: dayFigures,
  ticker: tickerFigures,
  previews: previewFigures,
  growth: (ground, { plots }) => growthFigures(ground, plots),
}

export const ruleParts = Object.keys(parts)

/** Each part on an engine of its own. */
export async function rules(only: readonly string[], wish: RulesWish): Promise<string> {
  const figures: Figure[] = []
  for (const name of only) {
    console.error(`Measuring ${name} …`)
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'))
    const ground = await openGround(folder)
    try {
      figures.push(...((await parts[name]?.(ground, wish)) ?? []))
    } finally {
      await ground.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
  return toMarkdown(figures)
}
