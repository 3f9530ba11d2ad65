import { afterEach, beforeEach, expect, test } from 'vitest'
import { messageAbout } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let silentSince: Date | undefined

beforeEach(async () => {
  silentSince = undefined
  house = await startHouse({
    lateness: { of: async () => ({ delayMs: 0, isStamped: true, silentSince }) },
  })
})
afterEach(() => house.close())

const tooQuiet = {
  kind: 'ROUTE_METRIC',
  scope: { appSlug: 'payment-service' },
  metric: 'THROUGHPUT',
  comparator: 'LT',
  threshold: 0.01,
  windowSeconds: 60,
}

test('when nothing at all arrives one alert says so, rules about it keep quiet, and what fires goes on', async () => {
  await house.rule()
  for (const name of ['One', 'Two', 'Three']) await house.rule({ name, condition: tooQuiet })
  await house.executions(10, { status: 'FAILED' })
  await house.lookAfter('1s')
  expect((await messageAbout(house, 1))?.message.headline).toContain('Card payments are failing')
  expect(await house.localMessages()).toHaveLength(1)

  silentSince = house.clock.now()
  await house.lookAfter('11m')
  expect(await house.localMessages()).toHaveLength(2)
  expect((await messageAbout(house, 2))?.message).toMatchObject({
    tone: 'critical',
    headline: '#2 No executions arrive',
  })
  expect((await messageAbout(house, 1))?.message.tone).toBe('critical')

  silentSince = undefined
  await house.executions(10)
  await house.lookAfter('5s')
  expect((await messageAbout(house, 2))?.message.tone).toBe('resolved')
  expect((await messageAbout(house, 1))?.message.tone).toBe('resolved')
})
