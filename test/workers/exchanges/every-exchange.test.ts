import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { measureReading } from '#db/repositories/exchange-cursors.ts'
import { rules as ruleTable } from '#db/schema/rules.ts'
import { seenExchanges } from '#db/schema/exchanges.ts'
import { alerts } from '#db/schema/alerts.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import type { PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import { type ExchangeHouse, exchangeHouse, hourMs, ids } from '#test/harness/exchange-house.ts'

let house: ExchangeHouse

beforeEach(async () => {
  house = await exchangeHouse()
})
afterEach(() => house.close())

/** As it is done every 30 s. */
const wholeOverlap = { reach: { fullSweepSeconds: 0 } }

const ago = (ms: number) => new Date(Date.now() - ms)

async function expectOnce(...sets: readonly (readonly string[])[]) {
  const told = await house.alertsById()
  expect([...told.keys()].sort()).toEqual(sets.flat().sort())
  expect([...told.values()].filter((count) => count !== 1)).toEqual([])
  expect(await house.totals()).toEqual({ alerts: told.size, notifications: told.size })
}

describe('each exchange is told exactly once', () => {
  test('one alert and one notification each, with what is known of it', async () => {
    const rule = await house.rule()
    await house.insert(['e-1'], { correlation_id: 'c-1' })
    await house.insert(['e-ok'], { status: 'COMPLETED' })
    await house.insert(['e-other'], { app: 'another-service' })
    await house.drain([rule])
    await expectOnce(['e-1'])
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
    await expectOnce(ids('fast', 10))
    await house.drain([rule])
    await house.insert(ids('slow', 10), { ingested_at: stampedFirst })
    await house.drain([rule], wholeOverlap)
    await expectOnce(ids('fast', 10), ids('slow', 10))
  })

  test('more than a page of them in the same millisecond', async () => {
    const rule = await house.rule()
    const instant = ago(5000)
    await house.insert(ids('same', 1203), { ts: instant, ingested_at: instant })
    await house.drain([rule])
    await expectOnce(ids('same', 1203))
  })

  test('reported again: at once, later, and after a restart', async () => {
    const rule = await house.rule()
    const ts = ago(60_000)
    for (let report = 0; report < 2; report += 1) await house.insert(ids('again', 20), { ts })
    await house.drain([rule])
    await house.insert(ids('again', 20), { ts })
    await house.drain([rule])
    await expectOnce(ids('again', 20))
  })

  test('late ones, up to three days', async () => {
    const rule = await house.rule()
    await house.insert(['an hour'], { ts: ago(hourMs) })
    await house.insert(['two days'], { ts: ago(48 * hourMs) })
    await house.insert(['four days'], { ts: ago(96 * hourMs) })
    await house.drain([rule])
    await expectOnce(['an hour', 'two days'])
  })

  test('one whose agent is ahead of its time is told, with a word about it', async () => {
    const rule = await house.rule()
    await house.insert(['ahead'], { ts: new Date(Date.now() + hourMs) })
    await house.drain([rule])
    await expectOnce(['ahead'])
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
    await expectOnce([...odd, 'nulinside'])
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
    await expectOnce(['new'])
  })
})

const everyFailure = {
  kind: 'EXCHANGE_MATCH',
  scope: {},
  filter: { status: 'FAILED' },
  fireMode: 'PER_EXCHANGE',
}

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
    await expectOnce(ids('shard', 60).filter((_, index) => index % 7 === 0))
  })

  test('one and the same exchange that fails and is corrected to have completed is one alert', async () => {
    const rule = await house.rule(matching({ filter: { attributes: { type: 'card' } } }))
    await house.insert(['twice'], { attributes: { type: 'card' }, status: 'COMPLETED' })
    await house.insert(['twice'], { attributes: { type: 'card' }, status: 'FAILED' })
    await house.drain([rule])
    await expectOnce(['twice'])
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
    await expectOnce(['recent'])
  })

  test('or as long as the rule is there', async () => {
    const rule = await house.rule({}, ago(72 * hourMs))
    await house.insert(['older'], { ingested_at: ago(80 * hourMs), ts: ago(80 * hourMs) })
    await house.insert(['old'], old)
    await house.insert(['recent'], recent)
    await house.drain([rule], { reach: { backlogCapSeconds: 0 } })
    await expectOnce(['old', 'recent'])
  })

  test('never before the rule was made, not even for what comes in late', async () => {
    await house.insert(['before'], { ingested_at: ago(60_000) })
    const rule = await house.rule({}, ago(30_000))
    await house.insert(['after'], { ingested_at: ago(20_000), ts: ago(hourMs) })
    await house.drain([rule])
    await house.drain([rule])
    await expectOnce(['after'])
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
    await expectOnce(many)
  })

  test('what comes in while a backlog is read waits for its turn', async () => {
    const rule = await house.rule()
    await house.insert(ids('many', 2500), { ingested_at: ago(60_000) })
    await house.drain([rule])
    await house.insert(['meanwhile'])
    await house.insert(['late'], { ingested_at: ago(70_000) })
    await house.drain([rule])
    await house.drain([rule], wholeOverlap)
    await expectOnce(ids('many', 2500), ['meanwhile', 'late'])
  })
})

describe('what is remembered', () => {
  test('what came in too late to be told of is counted, by the hour', async () => {
    const rule = await house.rule({}, ago(3 * hourMs))
    await house.insert(ids('dropped', 3), { ts: ago(99 * hourMs), ingested_at: ago(1.5 * hourMs) })
    await house.drain([rule])
    await house.drain([rule])
    await expectOnce([])
    expect(await house.cursor(rule)).toMatchObject({ dropped: 3 })
  })

  test('keys are forgotten by how far was read, and not before', async () => {
    const rule = await house.rule({}, ago(240 * hourMs))
    await house.insert(['long ago'], { ts: ago(200 * hourMs), ingested_at: ago(200 * hourMs) })
    await house.insert(['lately'])
    await house.drain([rule], { reach: { backlogCapSeconds: 0 } })
    await expectOnce(['long ago', 'lately'])
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
    await expectOnce(['first'])
    await house.drain([rule], { slot: new Date(slot.getTime() + 5000) })
    await expectOnce(['first', 'second'])
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
    await expectOnce(['one', 'two'])
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
    await expectOnce(['failed', 'completed after'])
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
