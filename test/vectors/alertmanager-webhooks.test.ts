import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertmanagerScenarios } from '#test/harness/alertmanager-scenario.ts'
import { playWebhooks, whyNotPlayed } from '#test/harness/alertmanager-webhooks.ts'
import { startTellingHouse, type TellingHouse } from '#test/harness/telling-house.ts'

let house: TellingHouse

beforeEach(async () => {
  house = await startTellingHouse()
})
afterEach(() => house.close())

const scenarios = alertmanagerScenarios().filter(({ expect: expected }) => expected !== undefined)

test('there are scenarios to play', () => {
  expect(scenarios.filter((scenario) => whyNotPlayed(scenario) === undefined).length).toBeGreaterThan(20)
})

describe('webhooks hear what Alertmanager would tell them, and when', () => {
  for (const scenario of scenarios)
    test(`${scenario.id}: ${scenario.summary}`, async (context) => {
      const reason = whyNotPlayed(scenario)
      if (reason !== undefined) return context.skip(reason)
      await playWebhooks(scenario, house)
    })
})
