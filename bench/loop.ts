import { join } from 'node:path'
import { startEmbeddedClickHouse } from '#workers/telemetry/embedded-store.ts'
import { createCanonicalTables } from '#workers/telemetry/schema.ts'
import { openTelemetryStore } from '#workers/telemetry/store.ts'
import { measureAlerts } from './alerts.ts'
import { measureLocalAnswers, measureSlackAnswers } from './answers.ts'
import { type Figure, figure, milliseconds, toMarkdown } from './figures.ts'
import { measureIdle } from './idle.ts'
import { inFreshFolder, withProduct } from './product.ts'
import { quantile } from './quantile.ts'
import { openQuietSlack } from './quiet-slack.ts'

const warmStarts = 5
const longestWarmStartMs = 5_000

const parts = {
  start: measureStarts,
  alerts: () => inFreshFolder((dataFolder) => withProduct({ dataFolder }, measureAlerts)),
  answers: measureAnswers,
  idle: () => inFreshFolder((dataFolder) => withProduct({ dataFolder }, idleEmbedded)),
  'idle-external': measureIdleExternal,
}

type Part = keyof typeof parts

export const loopParts = Object.keys(parts) as readonly Part[]

/** Every part has a house of its own, because what one leaves behind would be in the figures of the next. */
export async function loop(only: readonly string[]): Promise<string> {
  const figures: Figure[] = []
  for (const part of loopParts.filter((part) => only.includes(part))) {
    console.error(`Measuring ${part} …`)
    figures.push(...(await parts[part]()))
  }
  return toMarkdown(figures)
}

async function measureStarts(): Promise<Figure[]> {
  return inFreshFolder(async (dataFolder) => {
    const start = () => withProduct({ dataFolder }, async ({ toFirstPageMs }) => toFirstPageMs)
    const cold = figure(
      'start → first page, cold: no data folder, no built page',
      milliseconds(await start()),
    )
    const warm: number[] = []
    while (warm.length < warmStarts) warm.push(await start())
    const [middle, longest] = [quantile(warm, 0.5), Math.max(...warm)]
    const value = `median ${milliseconds(middle)}, longest ${milliseconds(longest)}, n ${warmStarts}`
    const aim = { text: `< ${longestWarmStartMs / 1000} s`, met: longest < longestWarmStartMs }
    return [cold, figure('start → first page, warm', value, aim)]
  })
}

async function measureAnswers(): Promise<Figure[]> {
  const slack = await openQuietSlack()
  try {
    return await inFreshFolder((dataFolder) =>
      withProduct({ dataFolder, variables: slack.variables }, async (product) => [
        ...(await measureLocalAnswers(product)),
        ...(await measureSlackAnswers(product, slack)),
      ]),
    )
  } finally {
    await slack.close()
  }
}

function idleEmbedded(product: Parameters<typeof measureIdle>[0]): Promise<Figure[]> {
  return measureIdle(product, 'embedded PostgreSQL and ClickHouse', 700)
}

/** The engine belongs to us here, so its memory is not Tocsin's. */
async function measureIdleExternal(): Promise<Figure[]> {
  return inFreshFolder(async (folder) => {
    const engine = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') })
    try {
      const store = openTelemetryStore({ url: engine.url })
      await createCanonicalTables(store)
      await store.close()
      const variables = { CLICKHOUSE_URL: engine.url }
      return await inFreshFolder((dataFolder) =>
        withProduct({ dataFolder, variables }, (product) =>
          measureIdle(product, 'embedded PostgreSQL, ClickHouse elsewhere', 300),
        ),
      )
    } finally {
      await engine.stop()
    }
  })
}
