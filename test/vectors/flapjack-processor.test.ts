import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { testMemory } from '#test/harness/database.ts'
import { houseWorld } from '#test/harness/flapjack-house-world.ts'
import { flapjackScenarios, playScenario } from '#test/harness/flapjack-scenario.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())

const scenarios = flapjackScenarios()

test('there are scenarios to play', () => {
  expect(scenarios.length).toBeGreaterThan(0)
})

describe('the real processor on a real database decides as Flapjack 1.6.0 does', () => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario.title, scenario] as const))(
    '%s: %s',
    async (_id, _title, scenario) => {
      await playScenario(scenario, await houseWorld(memory.db, scenario.config))
    },
  )
})
