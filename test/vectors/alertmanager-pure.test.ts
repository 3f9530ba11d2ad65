import { describe, expect, test } from 'vitest'
import { alertmanagerScenarios, playApi } from '#test/harness/alertmanager-scenario.ts'
import { alertmanagerWorld } from '#test/harness/alertmanager-pure-world.ts'

/** What is about processes (health pages, prefixes, clusters) and commands is proven where there are some. */
const scenarios = alertmanagerScenarios().filter(
  ({ server, steps }) => server === undefined && steps.every(({ amtool, http }) => !amtool && !http?.path.startsWith('/-/')),
)

test('there are scenarios to play', () => {
  expect(scenarios.length).toBeGreaterThan(20)
})

describe('the pure engine answers as Alertmanager does', () => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario.summary, scenario] as const))('%s: %s', (_id, _summary, scenario) =>
    playApi(scenario, alertmanagerWorld(scenario.config)),
  )
})
