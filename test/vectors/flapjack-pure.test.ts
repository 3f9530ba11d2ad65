import { describe, expect, test } from 'vitest'
import { flapjackScenarios, playScenario } from '#test/harness/flapjack-scenario.ts'
import { pureWorld } from '#test/harness/flapjack-pure-world.ts'

const scenarios = flapjackScenarios()

test('there are scenarios to play', () => {
  expect(scenarios.length).toBeGreaterThan(0)
})

describe('the pure engine decides as Flapjack 1.6.0 does', () => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario.title, scenario] as const))('%s: %s', async (_id, _title, scenario) => {
    await playScenario(scenario, pureWorld(scenario.config))
  })
})
