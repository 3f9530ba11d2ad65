import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { unheardApp } from '#bot/unheard-app.ts'
import { listTallies } from '#db/repositories/evaluation-kinds.ts'
import { listGaps } from '#db/repositories/evaluation-gaps.ts'
import { replaceRule } from '#db/repositories/rules.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { sickClickHouse } from '#test/harness/sick-clickhouse.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let clickHouse: Awaited<ReturnType<typeof sickClickHouse>>

beforeEach(async () => {
  clickHouse = await sickClickHouse(inject('clickHouseUrl'))
  house = await startHouse({ askThrough: clickHouse.url })
})

afterEach(async () => {
  await house.close()
  await clickHouse.close()
})

async function failingFor(slots: number): Promise<void> {
  for (let slot = 0; slot < slots; slot += 1) {
    await house.executions(5, { status: 'FAILED' })
    await house.lookAfter('5s')
  }
}

async function toneOf(number: number) {
  return (await messageAbout(house, number))?.message.tone
}

test('time in which nobody looked does not count as failing: what was about to fire begins again', async () => {
  await house.rule({ forDurationSeconds: 20 })
  await failingFor(2)
  house.clock.forward('10m')
  house = await house.restart()
  await failingFor(3)
  expect(await house.localMessages()).toEqual([])
  await failingFor(2)
  expect(await toneOf(1)).toBe('critical')
  const gaps = await listGaps(house.memory.db, new Date(0), 10)
  expect(gaps).toMatchObject([{ shard: 'executions', reason: 'stopped' }])
})

test('what fires goes on firing through a restart, and is told once', async () => {
  await house.rule({ forDurationSeconds: 5 })
  await failingFor(3)
  expect(await toneOf(1)).toBe('critical')
  house.clock.forward('10m')
  house = await house.restart()
  await failingFor(1)
  expect(await toneOf(1)).toBe('critical')
  expect(await house.localMessages()).toHaveLength(1)
})

test('a kind that fails five times in half a minute is left alone for a minute, and its rules stay as they are', async () => {
  await house.rule()
  await failingFor(1)
  expect(await toneOf(1)).toBe('critical')
  clickHouse.become('failing')
  for (let slot = 0; slot < 6; slot += 1) await house.lookAfter('5s')
  expect(await tally()).toMatchObject({ opened: 1, unanswered: 5, skipped: 1 })
  expect(await toneOf(1)).toBe('critical')

  clickHouse.become('well')
  for (let slot = 0; slot < 4; slot += 1) await house.lookAfter('10s')
  expect(await tally()).toMatchObject({ answered: 1, unanswered: 5, skipped: 5 })
  expect(await toneOf(1)).toBe('critical')

  await house.lookAfter('15s')
  await house.executions(50)
  await house.lookAfter('5s')
  expect(await tally()).toMatchObject({ opened: 1, breaker: { openUntil: null } })
  for (let slot = 0; slot < 13; slot += 1) {
    await house.executions(50)
    await house.lookAfter('10s')
  }
  expect(await toneOf(1)).toBe('resolved')
})

test('what a rule watched before it was changed is over, and what it watches now is news', async () => {
  const rule = await house.rule()
  await failingFor(1)
  expect(await toneOf(1)).toBe('critical')
  const condition = { ...rule.condition, scope: { appSlug: 'payment-service' } } as typeof rule.condition
  await house.memory.db.transaction((tx) => replaceRule(tx, { ...rule, condition }, house.clock.now()))
  await failingFor(1)
  expect(await toneOf(1)).toBe('resolved')
  expect(await toneOf(2)).toBe('critical')
})

test('an app of which nobody heard is worth a warning, and one that speaks is not', async () => {
  const rule = await house.rule()
  expect(await unheardApp(house.desk, rule, 'prod')).toEqual([
    'Nothing was heard of the app "payment-service" for a day: check its name, unless it is yet to start.',
  ])
  await house.logs(['Ready.'], { level: 'INFO' })
  expect(await unheardApp(house.desk, rule, 'prod')).toEqual([])
})

async function tally() {
  return (await listTallies(house.memory.db)).find(({ kind }) => kind === 'ROUTE_METRIC')
}
