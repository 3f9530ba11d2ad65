import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Figure } from '../figures.ts'
import { toMarkdown } from '../figures.ts'
import { type Ground, openGround } from './ground.ts'
import { queryFigures } from './queries.ts'
import { tickFigures } from './ticks.ts'

const parts: Readonly<Record<string, (ground: Ground) => Promise<Figure[]>>> = {
  queries: queryFigures,
  tick: tickFigures,
}

export const ruleParts = Object.keys(parts)

/** Each part on an engine of its own. */
export async function rules(only: readonly string[]): Promise<string> {
  const figures: Figure[] = []
  for (const name of only) {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'))
    const ground = await openGround(folder)
    try {
      figures.push(...((await parts[name]?.(ground)) ?? []))
    } finally {
      await ground.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
  return toMarkdown(figures)
}
