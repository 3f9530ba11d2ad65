import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { endpointUrl, findEndpoint } from '#workers/telemetry/embedded/endpoint.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import { type Figure, times } from './figures.ts'
import { type HeardMessage, hearMessages } from './message-stream.ts'
import type { Product } from './product.ts'

const alertCount = 100
const overMs = 100_000
const intervalSeconds = 5
/** Enough for a row that just missed its tick, on a machine that is busy with other things. */
const patienceMs = 30_000

const environmentPath = `/api/v1/environments/${firstEnvironment.slug}`

/** Each alert has a route and a rule of its own, and its row comes at a moment of its own. */
export async function measureAlerts({ origin, dataFolder }: Product): Promise<Figure[]> {
  const names = Array.from({ length: alertCount }, (_, index) => `Bench alert ${index}`)
  for (const name of names) await createRule(origin, name)
  const heard = new Map<string, HeardMessage>()
  // An alert's first message is what counts; later ones are edits of it.
  const hangUp = await hearMessages(origin, (message) => {
    const name = /Bench alert \d+$/.exec(message.headline)?.[0]
    if (name !== undefined && !heard.has(name)) heard.set(name, message)
  })
  const store = await openStore(dataFolder)
  try {
    const written = new Map(await Promise.all(names.map((name) => breakRoute(store, name))))
    await until(() => heard.size === names.length, `${names.length} messages (${heard.size} came)`)
    return toFigures(written, heard, await listFiredAt(origin))
  } finally {
    hangUp()
    await store.close()
  }
}

async function createRule(origin: string, name: string): Promise<void> {
  const condition = {
    kind: 'ROUTE_METRIC',
    scope: { appSlug: 'bench', routeId: name },
    metric: 'ERROR_COUNT',
    comparator: 'GT',
    threshold: 0,
    windowSeconds: 300,
  }
  const rule = {
    name,
    severity: 'WARNING',
    conditionKind: condition.kind,
    condition,
    evaluationIntervalSeconds: intervalSeconds,
  }
  const response = await fetch(`${origin}${environmentPath}/alerts/rules`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rule),
  })
  if (!response.ok) throw new Error(`a rule was refused: ${await response.text()}`)
}

async function openStore(dataFolder: string): Promise<TelemetryStore> {
  const endpoint = await findEndpoint(join(dataFolder, 'clickhouse'))
  if (!endpoint) throw new Error(`no embedded ClickHouse is known in ${dataFolder}`)
  return openTelemetryStore({ url: endpointUrl(endpoint) })
}

/** Answers when the row was sent, in epoch milliseconds. */
async function breakRoute(store: TelemetryStore, route: string): Promise<readonly [string, number]> {
  await pause(Math.random() * overMs)
  const sentAt = Date.now()
  const row = { environment: firstEnvironment.slug, app: 'bench', route, agent: 'bench-1', status: 'FAILED' }
  await store.insert('executions', [
    {
      ...row,
      ts: new Date(sentAt),
      duration_ms: 5,
      exec_id: randomUUID(),
      correlation_id: '',
      error: 'broken by the bench',
    },
  ])
  return [route, sentAt]
}

const pageSchema = z.object({
  alerts: z.array(z.object({ title: z.string(), firedAt: z.iso.datetime().nullable() })),
})

/** An alert fires at the instant of its tick, whenever the tick's work gets done. */
async function listFiredAt(origin: string): Promise<Map<string, number>> {
  const response = await fetch(`${origin}${environmentPath}/alerts?limit=200`)
  const { alerts } = pageSchema.parse(await response.json())
  return new Map(alerts.map(({ title, firedAt }) => [title, Date.parse(firedAt ?? '')]))
}

function toFigures(
  written: ReadonlyMap<string, number>,
  heard: ReadonlyMap<string, HeardMessage>,
  firedAt: ReadonlyMap<string, number>,
): Figure[] {
  const since = (starts: ReadonlyMap<string, number>, end: (message: HeardMessage) => number) =>
    Array.from(heard, ([name, message]) => end(message) - (starts.get(name) ?? Number.NaN))
  return [
    times(
      `row sent → message on the page, the wait for the ${intervalSeconds} s tick included`,
      since(written, (one) => one.heardAt),
    ),
    times(
      'tick → message on the page',
      since(firedAt, (one) => one.heardAt),
    ),
    times(
      'tick → message posted',
      since(firedAt, (one) => one.postedAt),
    ),
  ]
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s in vain for ${what}`)
    await pause(20)
  }
}
