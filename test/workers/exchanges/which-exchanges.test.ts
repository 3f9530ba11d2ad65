import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { measureReading } from '#db/repositories/exchange-cursors.ts'
import { alerts } from '#db/schema/alerts.ts'
import type { PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import {
  ago,
  everyFailure,
  type ExchangeHouse,
  exchangeHouse,
  expectToldOnce,
  hourMs,
  ids,
  wholeOverlap,
} from '#test/harness/exchange-house.ts'

let house: ExchangeHouse

beforeEach(async () => {
  house = await exchangeHouse()
})
afterEach(() => house.close())

describe('which exchanges', () => {
  const matching = (parts: object) => ({ condition: { ...everyFailure, ...parts } })

  test('of a route, of an agent, with attributes', async () => {
    const rules = [
      await house.rule(matching({ scope: { appSlug: 'orders-service', routeId: 'place-order' } })),
      await house.rule(matching({ scope: { appSlug: 'orders-service', agentId: 'orders-2' } })),
      await house.rule(matching({ filter: { attributes: { 'payment.type': 'card' } } })),
      await house.rule(matching({ filter: { status: 'RUNNING' } })),
    ]
    await house.insert(['route'])
    await house.insert(['agent'], { route: 'x', agent: 'orders-2' })
    await house.insert(['card'], { app: 'a', status: 'COMPLETED', attributes: { 'payment.type': 'card' } })
    await house.insert(['cash'], { app: 'a', status: 'COMPLETED', attributes: { 'payment.type': 'cash' } })
    await house.insert(['runs'], { app: 'a', status: 'RUNNING', attributes: { 'payment.type': 'card' } })
    await house.insert(['none'], { route: 'x' })
    await house.drain(rules)
    const told = await house.db.select({ ruleId: alerts.ruleId, labels: alerts.labels }).from(alerts)
    const toldOf = (rule: PerExchangeRule) =>
      told.filter(({ ruleId }) => ruleId === rule.id).map(({ labels }) => labels['exec_id'])
    expect(rules.map(toldOf)).toEqual([['route'], ['agent'], ['card'], ['runs']])
  })

  test('many rules of many kinds share a page, and each is told its own', async () => {
    const rules = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        house.rule(matching({ filter: { status: 'FAILED', attributes: { shard: String(index) } } })),
      ),
    )
    for (let index = 0; index < 60; index += 7)
      await house.insert([`shard-${index}`], { attributes: { shard: String(index) } })
    await house.drain(rules)
    await expectToldOnce(
      house,
      ids('shard', 60).filter((_, index) => index % 7 === 0),
    )
  })

  test('one and the same exchange that fails and is corrected to have completed is one alert', async () => {
    const rule = await house.rule(matching({ filter: { attributes: { type: 'card' } } }))
    await house.insert(['twice'], { attributes: { type: 'card' }, status: 'COMPLETED' })
    await house.insert(['twice'], { attributes: { type: 'card' }, status: 'FAILED' })
    await house.drain([rule])
    await expectToldOnce(house, ['twice'])
  })
})

describe('how far back it looks', () => {
  const old = { ingested_at: ago(30 * hourMs), ts: ago(30 * hourMs) }
  const recent = { ingested_at: ago(20 * hourMs), ts: ago(20 * hourMs) }

  test('the first time a day at most', async () => {
    const rule = await house.rule({}, ago(72 * hourMs))
    await house.insert(['old'], old)
    await house.insert(['recent'], recent)
    await house.drain([rule])
    await expectToldOnce(house, ['recent'])
  })

  test('or as long as the rule is there', async () => {
    const rule = await house.rule({}, ago(72 * hourMs))
    await house.insert(['older'], { ingested_at: ago(80 * hourMs), ts: ago(80 * hourMs) })
    await house.insert(['old'], old)
    await house.insert(['recent'], recent)
    await house.drain([rule], { reach: { backlogCapSeconds: 0 } })
    await expectToldOnce(house, ['old', 'recent'])
  })

  test('never before the rule was made, not even for what comes in late', async () => {
    await house.insert(['before'], { ingested_at: ago(60_000) })
    const rule = await house.rule({}, ago(30_000))
    await house.insert(['after'], { ingested_at: ago(20_000), ts: ago(hourMs) })
    await house.drain([rule])
    await house.drain([rule])
    await expectToldOnce(house, ['after'])
  })

  test('a larger backlog comes in steps, and says how much is left', async () => {
    const rule = await house.rule()
    const many = ids('many', 4600)
    await house.insert(many, { ingested_at: ago(60_000) })
    await house.drain([rule])
    expect((await house.totals()).alerts).toBe(2000)
    expect(await house.cursor(rule)).toMatchObject({ backlog: 2600 })
    expect(await measureReading(house.db)).toEqual({
      backlog: 2600,
      dropped: 0,
      behindSince: expect.any(Date),
    })
    await house.drain([rule])
    expect(await house.cursor(rule)).toMatchObject({ backlog: 600 })
    await house.drain([rule])
    expect(await house.cursor(rule)).toMatchObject({ backlog: 0, sweepTo: null })
    expect(await measureReading(house.db)).toMatchObject({ backlog: 0, behindSince: null })
    await expectToldOnce(house, many)
  })

  test('what comes in while a backlog is read waits for its turn', async () => {
    const rule = await house.rule()
    await house.insert(ids('many', 2500), { ingested_at: ago(60_000) })
    await house.drain([rule])
    await house.insert(['meanwhile'])
    await house.insert(['late'], { ingested_at: ago(70_000) })
    await house.drain([rule])
    await house.drain([rule], wholeOverlap)
    await expectToldOnce(house, ids('many', 2500), ['meanwhile', 'late'])
  })
})
