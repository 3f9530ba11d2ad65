import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { openServer } from '#bot/api/server.ts'
import type { Desk } from '#bot/desk.ts'
import type { Memory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { batches, postedAlerts } from '#db/schema/intake.ts'
import { destinations } from '#db/schema/notifications.ts'
import { silenceRevisions, silences } from '#db/schema/suppressions.ts'
import type { LabelNameRule } from '#engine/labels.ts'
import {
  alertmanagerScenarios,
  type Answer,
  playApi,
  type Request,
} from '#test/harness/alertmanager-scenario.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { send } from '#test/harness/send.ts'
import { drainBatches } from '#workers/processors/drain.ts'
import { loneDesk } from '#test/harness/desk-defaults.ts'

let memory: Memory
let desk: Desk
let server: FastifyInstance
let url: string
let now = new Date()
let labelNames: LabelNameRule = 'utf8'

const clock = () => now

beforeAll(async () => {
  memory = await testMemory()
  desk = {
    ...loneDesk(memory.db, clock),
    get labelNames() {
      return labelNames
    },
  }
  server = await openServer({ desk, log: desk.log, access: { kind: 'loopback' } })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await memory.close()
})

/** What is about processes, commands, inhibition and another resolve_timeout is proven elsewhere. */
const scenarios = alertmanagerScenarios().filter(
  ({ server, config, steps }) =>
    server === undefined &&
    config.inhibit === undefined &&
    config.resolveTimeout === undefined &&
    steps.every(({ amtool, http }) => !amtool && !http?.path.startsWith('/-/')),
)

async function ask(request: Request): Promise<Answer> {
  now = request.now
  const search = request.query.size > 0 ? `?${request.query.toString()}` : ''
  const body = request.method === 'POST' ? request.body : undefined
  const reply = await send(request.method, url + request.path + search, { body })
  return { status: reply.status, body: reply.body }
}

test('there are scenarios to play', () => {
  expect(scenarios.length).toBeGreaterThan(10)
})

describe.each([
  ['while everything accepted still waits', async (): Promise<void> => undefined],
  ['with everything accepted decided at once', () => drainBatches(desk)],
] as const)('the real doors answer as Alertmanager does, %s', (_when, meanwhile) => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario.summary, scenario] as const))(
    '%s: %s',
    async (_id, _summary, scenario) => {
      labelNames = scenario.mode ?? 'utf8'
      for (const table of [batches, postedAlerts, silences, silenceRevisions]) await memory.db.delete(table)
      await forgetAlerts(memory.db)
      await memory.db.delete(destinations)
      for (const { name } of scenario.config.receivers)
        await rememberDestination(memory.db, { surface: 'local', key: name, name, address: {} })
      await playApi(scenario, async (request) => {
        const answer = await ask(request)
        await meanwhile()
        return answer
      })
    },
  )
})
