import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainMessage } from '#engine/message/plain.ts'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House

beforeEach(async () => {
  house = await startHouse()
})
afterEach(() => house.close())

const place = () => ({ environment: 'prod', app: 'orders-service', ts: house.clock.now() })

const report = (agent: string, state: 'LIVE' | 'STALE' | 'DEAD') =>
  house.store.insert('agents', [{ ...place(), agent, state }])

const deploy = (version: string, state: string) =>
  house.store.insert('deployments', [{ ...place(), deployment: 'blue', version, state }])

const text = async (number: number) => {
  const row = await messageAbout(house, number)
  return row ? plainMessage(row.message) : ''
}
const tone = async (number: number) => (await messageAbout(house, number))?.message.tone

const agentRule = {
  name: 'Orders agent dead',
  conditionKind: 'AGENT_STATE',
  condition: {
    kind: 'AGENT_STATE',
    scope: { appSlug: 'orders-service' },
    state: 'DEAD',
    forSeconds: 120,
  },
}

test('an agent that is dead for two minutes is told, another is not, and it is over when it lives again', async () => {
  await house.rule(agentRule)
  await report('orders-1', 'DEAD')
  await report('orders-2', 'LIVE')
  await house.lookAfter('60s')
  await report('orders-1', 'DEAD')
  await house.lookAfter('50s')
  expect(await house.localMessages()).toEqual([])

  await house.lookAfter('15s')
  expect(await text(1)).toMatch(/Agent orders-1 of orders-service has been DEAD for 2 min/)
  expect(await text(1)).toMatch(/orders-service\/orders-1/)
  expect(await tone(1)).toBe('critical')
  expect(await house.localMessages()).toHaveLength(1)

  await report('orders-1', 'LIVE')
  await house.lookAfter('10s')
  expect(await tone(1)).toBe('resolved')
  expect(await repliesTo(house, 1)).toHaveLength(1)
})

test('what the rows tell counts, not how long we have looked; and who is forgotten is not there any more', async () => {
  await report('orders-1', 'DEAD')
  house.clock.forward('10m')
  await house.rule(agentRule)
  await house.lookAfter('5s')
  expect(await text(1)).toMatch(/has been DEAD for 10 min/)

  house.clock.forward('24h')
  await report('orders-2', 'LIVE')
  await house.lookAfter('5s')
  expect(await tone(1)).toBe('resolved')
  expect((await repliesTo(house, 1)).join()).toMatch(/not there any more|leared|ecovered/)
})

test('a deployment that fails is told with its version, and is over when the next one runs', async () => {
  await house.rule({
    name: 'Deployment failed',
    severity: 'WARNING',
    conditionKind: 'DEPLOYMENT_STATE',
    condition: {
      kind: 'DEPLOYMENT_STATE',
      scope: { appSlug: 'orders-service' },
      states: ['FAILED', 'DEGRADED'],
    },
  })
  await deploy('1.4.1', 'RUNNING')
  await house.lookAfter('5s')
  expect(await house.localMessages()).toEqual([])

  await deploy('1.4.2', 'DEGRADED')
  await house.lookAfter('60s')
  expect(await text(1)).toMatch(/Deployment blue \(version 1\.4\.2\) has been DEGRADED for 1 min, since /)
  expect(await text(1)).toMatch(/orders-service\/blue/)
  expect(await tone(1)).toBe('warning')

  await deploy('1.4.1', 'RUNNING')
  await house.lookAfter('10s')
  expect(await tone(1)).toBe('resolved')
  expect(await repliesTo(house, 1)).toHaveLength(1)
  expect(await house.localMessages()).toHaveLength(1)
})
