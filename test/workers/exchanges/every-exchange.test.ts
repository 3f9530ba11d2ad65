import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rules as ruleTable } from '#db/schema/rules.ts'
import { seenExchanges } from '#db/schema/exchanges.ts'
import { alerts } from '#db/schema/alerts.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
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

describe('each exchange is told exactly once', () => {
  test('one alert and one notification each, with what is known of it', async () => {
    const rule = await house.rule()
    await house.insert(['e-1'], { correlation_id: 'c-1' })
    await house.insert(['e-ok'], { status: 'COMPLETED' })
    await house.insert(['e-other'], { app: 'another-service' })
    await house.drain([rule])
    await expectToldOnce(house, ['e-1'])
    const [alert] = await house.db.select().from(alerts)
    expect(alert).toMatchObject({
      state: 'FIRING',
      severity: 'CRITICAL',
      title: 'Any order failure',
      entity: 'orders-service/e-1',
      summary: 'FAILED on orders-service/place-order: GatewayTimeout: no answer within 1500 ms',
      ruleId: rule.id,
      labels: {
        app: 'orders-service',
        route: 'place-order',
        agent: 'orders-1',
        exec_id: 'e-1',
        correlation_id: 'c-1',
      },
    })
  })

  test('two writers: the one that began first commits last, and none of its rows is missed', async () => {
    const rule = await house.rule()
    const stampedFirst = ago(500_000)
    await house.insert(ids('fast', 10), { ingested_at: ago(20_000) })
    await house.drain([rule])
    await expectToldOnce(house, ids('fast', 10))
    await house.drain([rule])
    await house.insert(ids('slow', 10), { ingested_at: stampedFirst })
    await house.drain([rule], wholeOverlap)
    await expectToldOnce(house, ids('fast', 10), ids('slow', 10))
  })

  test('more than a page of them in the same millisecond', async () => {
    const rule = await house.rule()
    const instant = ago(5000)
    await house.insert(ids('same', 1203), { ts: instant, ingested_at: instant })
    await house.drain([rule])
    await expectToldOnce(house, ids('same', 1203))
  })

  test('reported again: at once, later, and after a restart', async () => {
    const rule = await house.rule()
    const ts = ago(60_000)
    for (let report = 0; report < 2; report += 1) await house.insert(ids('again', 20), { ts })
    await house.drain([rule])
    await house.insert(ids('again', 20), { ts })
    await house.drain([rule])
    await expectToldOnce(house, ids('again', 20))
  })

  test('late ones, up to three days', async () => {
    const rule = await house.rule()
    await house.insert(['an hour'], { ts: ago(hourMs) })
    await house.insert(['two days'], { ts: ago(48 * hourMs) })
    await house.insert(['four days'], { ts: ago(96 * hourMs) })
    await house.drain([rule])
    await expectToldOnce(house, ['an hour', 'two days'])
  })

  test('one whose agent is ahead of its time is told, with a word about it', async () => {
    const rule = await house.rule()
    await house.insert(['ahead'], { ts: new Date(Date.now() + hourMs) })
    await house.drain([rule])
    await expectToldOnce(house, ['ahead'])
    const [alert] = await house.db.select({ summary: alerts.summary }).from(alerts)
    expect(alert?.summary).toMatch(/the clock of its agent is ahead: it says 20/)
  })

  test('several workers at once, on the same rules and slots', async () => {
    const rules = [await house.rule(), await house.rule({ condition: everyFailure })]
    await house.insert(ids('race', 700))
    for (let round = 0; round < 3; round += 1) {
      const slot = new Date(Date.now() + round * 5000)
      await Promise.all(Array.from({ length: 4 }, () => house.drain(rules, { slot })))
    }
    const told = await house.alertsById()
    expect(told.size).toBe(700)
    expect([...told.values()].filter((count) => count !== rules.length)).toEqual([])
    expect(await house.totals()).toEqual({ alerts: 1400, notifications: 1400 })
  })

  test('ids that differ in their case alone, and ids nobody expects', async () => {
    const rule = await house.rule()
    const odd = ['AbC', 'abc', 'x'.repeat(5000), 'y'.repeat(5000), 'with "quotes" \\ and {braces}', 'ünï']
    await house.insert(odd)
    await house.insert(['nul\0inside'], { error: 'a\0b' })
    await house.drain([rule])
    await house.drain([rule])
    await expectToldOnce(house, [...odd, 'nulinside'])
  })

  test('also where new checks are kept in maintenance', async () => {
    const { notification } = defaultDecisionSettings
    const settings = {
      ...defaultDecisionSettings,
      notification: { ...notification, newCheckMaintenanceSeconds: 7200 },
    }
    const rule = await house.rule()
    await house.insert(['new'])
    await house.drain([rule], { settings })
    await expectToldOnce(house, ['new'])
  })
})

describe('what is remembered', () => {
  test('what came in too late to be told of is counted, by the hour', async () => {
    const rule = await house.rule({}, ago(3 * hourMs))
    await house.insert(ids('dropped', 3), { ts: ago(99 * hourMs), ingested_at: ago(1.5 * hourMs) })
    await house.drain([rule])
    await house.drain([rule])
    await expectToldOnce(house, [])
    expect(await house.cursor(rule)).toMatchObject({ dropped: 3 })
  })

  test('keys are forgotten by how far was read, and not before', async () => {
    const rule = await house.rule({}, ago(240 * hourMs))
    await house.insert(['long ago'], { ts: ago(200 * hourMs), ingested_at: ago(200 * hourMs) })
    await house.insert(['lately'])
    await house.drain([rule], { reach: { backlogCapSeconds: 0 } })
    await expectToldOnce(house, ['long ago', 'lately'])
    expect(await house.db.select({ key: seenExchanges.rowKey }).from(seenExchanges)).toEqual([
      { key: 'lately FAILED' },
    ])
  })

  test('a slot that was read already is not read again', async () => {
    const rule = await house.rule()
    const slot = new Date()
    await house.insert(['first'])
    await house.drain([rule], { slot })
    await house.insert(['second'])
    await house.drain([rule], { slot: new Date(slot.getTime() - 5000) })
    await expectToldOnce(house, ['first'])
    await house.drain([rule], { slot: new Date(slot.getTime() + 5000) })
    await expectToldOnce(house, ['first', 'second'])
  })

  test('with the rule its memory goes, and its alerts stay', async () => {
    const rule = await house.rule()
    await house.insert(['gone'])
    await house.drain([rule])
    await house.db.delete(ruleTable).where(eq(ruleTable.id, rule.id))
    expect(await house.db.$count(seenExchanges)).toBe(0)
    expect((await house.totals()).alerts).toBe(1)
  })
})

describe('a rule that is edited', () => {
  const edited = (rule: PerExchangeRule, parts: object): PerExchangeRule => ({ ...rule, ...parts })

  test('reads on where it was, when what it looks for is the same', async () => {
    const rule = await house.rule()
    await house.insert(['one'])
    await house.drain([rule])
    await house.insert(['two'])
    await house.drain([edited(rule, { name: 'Another name', severity: 'INFO' })])
    await expectToldOnce(house, ['one', 'two'])
  })

  test('begins anew when it looks for something else, and tells of nothing that was there before', async () => {
    const rule = await house.rule()
    await house.insert(['failed'])
    await house.insert(['completed before'], { status: 'COMPLETED' })
    await house.drain([rule])
    const condition = { ...rule.condition, filter: { status: 'COMPLETED' as const, attributes: {} } }
    const now = edited(rule, { condition })
    await house.drain([now])
    await house.insert(['completed after'], { status: 'COMPLETED' })
    await house.drain([now])
    await expectToldOnce(house, ['failed', 'completed after'])
  })
})

test('what cannot be read is said of its rule, and blames no store', async () => {
  const rule = await house.rule()
  await house.telemetry.store.command('RENAME TABLE executions TO elsewhere')
  const { unanswered, stores } = await house.drain([rule])
  expect(unanswered).toMatchObject([{ rule: { rule }, because: expect.stringContaining('executions') }])
  expect([...stores.values()].filter((problem) => problem !== undefined)).toEqual([])
  await house.telemetry.store.command('RENAME TABLE elsewhere TO executions')
})
