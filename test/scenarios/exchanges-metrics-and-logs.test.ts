import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainMessage } from '#engine/message/plain.ts'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House

beforeEach(async () => {
  house = await startHouse()
})
afterEach(() => house.close())

const shown = async (number: number) => (await messageAbout(house, number))?.message
const text = async (number: number) => {
  const message = await shown(number)
  return message ? plainMessage(message) : ''
}

const orders = { appSlug: 'orders-service' }
const failed = { app: 'orders-service', route: 'place-order', status: 'FAILED' }

const exchangeRule = (condition: object) => ({
  name: 'Orders fail',
  conditionKind: 'EXCHANGE_MATCH',
  condition: { kind: 'EXCHANGE_MATCH', scope: orders, filter: { status: 'FAILED' }, ...condition },
})

test('exchanges that are counted fire above the threshold, with a picture, and are over when the window is clean', async () => {
  await house.rule(
    exchangeRule({
      filter: { status: 'FAILED', attributes: { 'payment.type': 'card' } },
      fireMode: 'COUNT_IN_WINDOW',
      threshold: 3,
      windowSeconds: 60,
    }),
  )
  await house.executions(3, { ...failed, attributes: { 'payment.type': 'card' } })
  await house.executions(9, { ...failed, attributes: { 'payment.type': 'invoice' } })
  await house.lookAfter('5s')
  expect(await house.localMessages()).toEqual([])

  await house.executions(1, { ...failed, attributes: { 'payment.type': 'card' } })
  await house.lookAfter('5s')
  expect(await text(1)).toMatch(
    /FAILED exchanges with payment\.type=card over 1 min is 4; it fires above 3\./,
  )
  expect((await shown(1))?.picture).toMatchObject({ threshold: 3, unit: 'count' })
  expect((await shown(1))?.tone).toBe('critical')

  await house.lookAfter('70s')
  expect((await shown(1))?.tone).toBe('resolved')
  expect(await repliesTo(house, 1)).toHaveLength(1)
  expect(await house.localMessages()).toHaveLength(1)
})

test('each exchange is an alert of its own, told once, which a person resolves', async () => {
  await house.rule(
    exchangeRule({
      fireMode: 'PER_EXCHANGE',
    }),
  )
  await house.executions(2, { ...failed, error: 'Timeout: no answer' })
  await house.executions(5, { app: 'orders-service', route: 'place-order' })
  await house.lookAfter('5s')
  expect(await house.localMessages()).toHaveLength(2)
  for (const number of [1, 2])
    expect(await text(number)).toContain('FAILED on orders-service/place-order: Timeout: no answer')

  await house.lookAfter('60s')
  await house.front.say('resolve 1', await house.person('Ana'))
  await house.lookAfter('60s')
  expect((await shown(1))?.tone).toBe('resolved')
  expect((await shown(2))?.tone).toBe('critical')
  await house.executions(1, failed)
  await house.lookAfter('5s')
  expect(await house.localMessages()).toHaveLength(3)
})

test('a JVM metric fires by its worst agent, waits for its recovery threshold, and is over below it', async () => {
  const sample = (agent: string, value: number) =>
    house.store.insert('jvm_metrics', [
      {
        environment: 'prod',
        app: 'orders-service',
        agent,
        metric: 'jvm.memory.used.value',
        value,
        ts: new Date(house.clock.now().getTime() - 1000),
      },
    ])
  await house.rule({
    name: 'Heap > 85%',
    severity: 'WARNING',
    conditionKind: 'JVM_METRIC',
    condition: {
      kind: 'JVM_METRIC',
      scope: orders,
      metric: 'jvm.memory.used.value',
      aggregation: 'MAX',
      comparator: 'GT',
      threshold: 0.85,
      recoveryThreshold: 0.7,
      windowSeconds: 30,
    },
  })
  await sample('orders-1', 0.6)
  await sample('orders-2', 0.84)
  await house.lookAfter('5s')
  expect(await house.localMessages()).toEqual([])

  await sample('orders-2', 0.91)
  await house.lookAfter('5s')
  expect(await text(1)).toMatch(/Maximum jvm\.memory\.used\.value over 30 s is 0\.91; it fires above 0\.85\./)
  expect((await shown(1))?.tone).toBe('warning')
  expect((await shown(1))?.picture).toMatchObject({ threshold: 0.85 })

  house.clock.forward('31s')
  await sample('orders-2', 0.8)
  await house.lookAfter('5s')
  expect((await shown(1))?.tone).toBe('warning')

  await house.lookAfter('40s')
  expect((await shown(1))?.tone, 'no samples are no data, and keep what was').toBe('warning')

  await sample('orders-2', 0.69)
  await house.lookAfter('5s')
  expect((await shown(1))?.tone).toBe('resolved')
  expect(await house.localMessages()).toHaveLength(1)
})

test('log lines that match fire above the threshold, and are over when they stop', async () => {
  await house.rule({
    name: 'TimeoutException spike',
    severity: 'WARNING',
    conditionKind: 'LOG_PATTERN',
    condition: {
      kind: 'LOG_PATTERN',
      scope: orders,
      level: 'ERROR',
      pattern: 'TimeoutException',
      threshold: 2,
      windowSeconds: 60,
    },
  })
  const place = { app: 'orders-service' }
  await house.logs(['a TimeoutException', 'TimeoutException: b'], place)
  await house.logs(['TimeoutException, warned of'], { ...place, level: 'WARN' })
  await house.logs(['timeout in lower case', 'all is well'], place)
  await house.lookAfter('5s')
  expect(await house.localMessages()).toEqual([])

  await house.logs(['TimeoutException: c'], place)
  await house.lookAfter('5s')
  expect(await text(1)).toMatch(/ERROR lines matching "TimeoutException" over 1 min is 3; it fires above 2\./)
  expect((await shown(1))?.tone).toBe('warning')
  expect((await shown(1))?.picture).toMatchObject({ threshold: 2 })

  await house.logs(['all is well'], place)
  await house.lookAfter('70s')
  expect((await shown(1))?.tone).toBe('resolved')
  expect(await house.localMessages()).toHaveLength(1)
})
