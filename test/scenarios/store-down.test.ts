import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { sickClickHouse } from '#test/harness/sick-clickhouse.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person
let clickHouse: Awaited<ReturnType<typeof sickClickHouse>>

beforeEach(async () => {
  clickHouse = await sickClickHouse(inject('clickHouseUrl'))
  house = await startHouse({ askThrough: clickHouse.url })
  ana = await house.person('Ana')
})

afterEach(async () => {
  await house.close()
  await clickHouse.close()
})

async function said(line: string): Promise<string> {
  const answer = await house.front.say(line, ana)
  return answer.kind === 'message' ? plainMessage(answer.message) : answer.kind
}

test.each(['failing', 'hanging'] as const)(
  'while the store is %s no alert is lost or invented, one alert says so, and it resumes by itself',
  async (ailment) => {
    await house.rule()
    await house.rule({ name: 'Quiet so far', condition: quietCondition })
    await house.executions(10, { status: 'FAILED' })
    await house.lookAfter('1s')
    expect((await messageAbout(house, 1))?.message.tone).toBe('critical')

    clickHouse.become(ailment)
    await house.lookAfter('5s')
    expect(await house.localMessages()).toHaveLength(1)
    await house.lookAfter('10s')
    const platform = await messageAbout(house, 2)
    expect(platform?.message).toMatchObject({
      tone: 'critical',
      headline: '#2 The telemetry store cannot be asked',
    })
    expect(await house.localMessages()).toHaveLength(2)
    expect((await messageAbout(house, 1))?.message.tone).toBe('critical')
    expect(await said('rule list')).toMatch(
      /2 rules, 1 failing now[^]*could not be checked: ClickHouse at 127\.0\.0\.1:\d+/,
    )

    clickHouse.become('well')
    house.clock.forward('61s')
    await house.executions(10)
    await house.lookAfter('1s')
    expect((await messageAbout(house, 1))?.message.tone).toBe('resolved')
    expect((await messageAbout(house, 2))?.message.tone).toBe('resolved')
    expect(await house.localMessages()).toHaveLength(2)
    expect(await said('rule list')).not.toContain('could not be checked')
  },
)

const quietCondition = {
  kind: 'ROUTE_METRIC',
  scope: { appSlug: 'order-service' },
  metric: 'THROUGHPUT',
  comparator: 'GT',
  threshold: 1000,
  windowSeconds: 60,
}

test('a rule too heavy for the store is told of, and the others go on', async () => {
  await house.rule()
  await house.rule({ name: 'All of yesterday', conditionKind: 'LOG_PATTERN', condition: heavyCondition })
  clickHouse.become('slow over logs')
  await house.executions(10, { status: 'FAILED' })
  await house.lookAfter('5s')
  expect((await messageAbout(house, 1))?.message.headline).toBe('#1 Card payments are failing')
  await house.lookAfter('11s')
  expect((await messageAbout(house, 2))?.message.headline).toBe('#2 The telemetry store cannot be asked')
  expect(await said('rule list')).toMatch(/All of yesterday[^]*could not be checked: [^]*TIMEOUT_EXCEEDED/)
})

const heavyCondition = {
  kind: 'LOG_PATTERN',
  scope: {},
  level: 'ERROR',
  pattern: 'timeout',
  threshold: 1,
  windowSeconds: 86_400,
}

test('a store that is back within ten seconds wakes nobody', async () => {
  await house.rule()
  clickHouse.become('failing')
  await house.lookAfter('5s')
  clickHouse.become('well')
  await house.lookAfter('5s')
  clickHouse.become('failing')
  await house.lookAfter('5s')
  clickHouse.become('well')
  await house.lookAfter('5s')
  expect(await house.localMessages()).toEqual([])
  expect(await said('list')).toBe('All quiet: nothing is open.')
})

test('a rule may say that not knowing is itself worth an alert', async () => {
  await house.rule({ errorPolicy: 'FIRE' })
  clickHouse.become('failing')
  await house.lookAfter('5s')
  const message = await messageAbout(house, 1)
  expect(message && plainMessage(message.message)).toContain('Could not be checked: ClickHouse at ')
})

test('a rule can be made while the store is down: the preview says why there is none', async () => {
  clickHouse.become('failing')
  const first = await house.front.say('rule create', ana)
  if (first.kind !== 'form') throw new Error('no form was opened')
  const subject = { name: 'Anything', kind: 'ROUTE_METRIC', severity: 'INFO', app: 'a', route: '' }
  const condition = { metric: 'ERROR_COUNT', comparator: 'GT', threshold: '5', window: '1m', for: '' }
  await house.front.submit(first.form.id, subject, ana)
  const third = await house.front.submit(first.form.id, condition, ana)
  expect(third).toMatchObject({ kind: 'form', form: { step: 3, submitLabel: 'Save' } })
  expect(JSON.stringify(third)).toContain('No preview: ClickHouse at ')
  expect(await house.front.submit(first.form.id, {}, ana)).toMatchObject({ kind: 'message' })
})
