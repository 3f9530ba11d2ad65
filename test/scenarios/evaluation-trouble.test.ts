import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { listGaps } from '#db/repositories/evaluation-gaps.ts'
import { listTallies } from '#db/repositories/evaluation-kinds.ts'
import { replaceRule } from '#db/repositories/rules.ts'
import { listWatchedRules } from '#db/repositories/watched-rules.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { eventually } from '#test/harness/eventually.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { sickClickHouse } from '#test/harness/sick-clickhouse.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { tick } from '#workers/queues/tick.ts'

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

const toneOf = async (number: number) => (await messageAbout(house, number))?.message.tone

const timeouts = {
  name: 'Timeouts',
  conditionKind: 'LOG_PATTERN',
  condition: {
    kind: 'LOG_PATTERN',
    scope: {},
    level: 'ERROR',
    pattern: 'Timeout',
    threshold: 1,
    windowSeconds: 300,
  },
}

/** As if it had been saved by a version that knew less: the store refuses what its pattern is. */
async function aBrokenRule(): Promise<Rule> {
  const rule = await house.rule({ ...timeouts, name: 'Broken' })
  return changed(rule, '(')
}

async function changed(rule: Rule, pattern: string): Promise<Rule> {
  const condition = { ...rule.condition, pattern } as Rule['condition']
  const next = { ...rule, condition }
  await house.memory.db.transaction((tx) => replaceRule(tx, next, house.clock.now()))
  return next
}

const errorOf = async (name: string) =>
  (await listWatchedRules(house.memory.db)).find(({ rule }) => rule.name === name)?.lastError ?? null

const tallyOf = async (kind: string) =>
  (await listTallies(house.memory.db)).find((tally) => tally.kind === kind)

describe('one bad rule among many', () => {
  test('is found and says why; the others fire, and the store is not blamed', async () => {
    for (let index = 0; index < 6; index += 1) await house.rule({ ...timeouts, name: `Good ${index}` })
    await aBrokenRule()
    await house.logs(['Timeout', 'Timeout'])
    await house.lookAfter('5s')
    expect(await errorOf('Broken')).toMatch(/^ClickHouse at 127\.0\.0\.1:\d+ refused the query/)
    expect(await errorOf('Good 3')).toBeNull()
    const headlines = (await house.localMessages()).map(({ message }) => message.headline)
    expect(headlines).toHaveLength(6)
    expect(headlines.filter((headline) => / Good \d$/.test(headline))).toHaveLength(6)
  })

  test('is asked again at once when it was changed', async () => {
    const broken = await aBrokenRule()
    await house.logs(['Timeout', 'Timeout'])
    await house.lookAfter('5s')
    expect(await errorOf('Broken')).toMatch(/refused the query/)
    await changed(broken, 'Timeout')
    await house.lookAfter('5s')
    expect(await errorOf('Broken')).toBeNull()
    expect((await messageAbout(house, 1))?.message.headline).toBe('#1 Broken')
  })
})

test('a breaker that is half open tries one batch: one more failure, and it is closed to all for a minute', async () => {
  await house.rule()
  clickHouse.become('failing')
  for (let slot = 0; slot < 5; slot += 1) await house.lookAfter('5s')
  expect(await tallyOf('ROUTE_METRIC')).toMatchObject({ opened: 1, unanswered: 5 })
  for (let slot = 0; slot < 5; slot += 1) await house.lookAfter('10s')
  expect(await tallyOf('ROUTE_METRIC')).toMatchObject({ opened: 1, unanswered: 5 })
  await house.lookAfter('15s')
  expect(await tallyOf('ROUTE_METRIC')).toMatchObject({ opened: 2, unanswered: 6 })
  await house.lookAfter('5s')
  expect(await tallyOf('ROUTE_METRIC')).toMatchObject({ opened: 2, unanswered: 6 })
})

test('answers so slow that slots went by are a gap, which is noted and does not count as failing', async () => {
  await house.rule({ forDurationSeconds: 20 })
  await house.executions(5, { status: 'FAILED' })
  await house.lookAfter('5s')
  clickHouse.become('hanging')
  for (let slot = 0; slot < 7; slot += 1) {
    house.clock.forward('5s')
    await house.tick()
    await eventually('the tick to be through', async () => {
      const { waiting, active } = await house.queues.open(tick).counts()
      return waiting + active === 0
    })
  }
  clickHouse.become('well')
  await house.executions(5, { status: 'FAILED' })
  await house.settled()
  const gaps = await listGaps(house.memory.db, new Date(0), 10)
  expect(gaps[0]).toMatchObject({ shard: 'executions', reason: 'late' })
  expect(gaps[0]?.missed).toBeGreaterThanOrEqual(3)
  await house.lookAfter('5s')
  expect(await house.localMessages()).toEqual([])

  for (let slot = 0; slot < 4; slot += 1) {
    await house.executions(5, { status: 'FAILED' })
    await house.lookAfter('5s')
  }
  expect(await toneOf(1)).toBe('critical')
})
