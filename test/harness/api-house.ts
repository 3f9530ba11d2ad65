import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import type { Desk } from '#bot/desk.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { takeIn } from '#workers/processors/take-in.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { telemetryOf } from '#workers/telemetry/telemetry.ts'
import { openTelemetryStore } from '#workers/telemetry/store.ts'
import { testMemory } from './database.ts'
import { after, ana, anEvent } from './engine-things.ts'
import { loneDesk } from './desk-defaults.ts'

interface Answered {
  readonly status: number
  readonly body: unknown
}

export interface ApiHouse {
  readonly desk: Desk
  readonly server: FastifyInstance
  get(path: string): Promise<Answered>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answered>
  close(): Promise<void>
}

/** The API on loopback with five alerts, #1 of them acknowledged; no worker runs. */
export async function startApiHouse(): Promise<ApiHouse> {
  const memory = await testMemory()
  const store = openTelemetryStore({ url: inject('clickHouseUrl') })
  const desk: Desk = {
    ...loneDesk(memory.db, () => after(600)),
    telemetry: telemetryOf({ clickhouse: clickHouseTelemetry(store) }),
  }
  const server = await openServer({ desk, log: desk.log, access: { kind: 'loopback' } })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  for (let index = 0; index < 5; index++)
    await takeIn(memory.db, [anEvent({ check: `check-${index}` })], after(index))
  await changeIncident(memory.db, 1, acknowledge(ana, after(60)), { now: after(60) })
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const answer = await fetch(`${url}${path}`, init)
    return { status: answer.status, body: await readBody(answer) }
  }
  return {
    desk,
    server,
    get: (path) => ask(path),
    post: (path, body, headers) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: async () => {
      await server.close()
      await store.close()
      await memory.close()
    },
  }
}

async function readBody(answer: Response): Promise<unknown> {
  const text = await answer.text()
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
}

export const aRuleBody = {
  name: 'Checkout is failing',
  severity: 'CRITICAL',
  conditionKind: 'ROUTE_METRIC',
  condition: {
    kind: 'ROUTE_METRIC',
    scope: { appSlug: 'orders' },
    metric: 'ERROR_RATE',
    comparator: 'GT',
    threshold: 0.05,
    windowSeconds: 60,
  },
}
