import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changeIncident } from '#db/repositories/incidents.ts'
import { alerts } from '#db/schema/alerts.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { resolve } from '#engine/incident/decide.ts'
import { ana } from '#test/harness/engine-things.ts'
import { type ExchangeHouse, exchangeHouse, hourMs } from '#test/harness/exchange-house.ts'

let house: ExchangeHouse

beforeEach(async () => {
  house = await exchangeHouse()
})
afterEach(() => house.close())

const wholeOverlap = { reach: { fullSweepSeconds: 0 } }
const ago = (ms: number) => new Date(Date.now() - ms)

describe('an alert of an exchange ends when a person says so, and not before', () => {
  test('nothing that comes later resolves it', async () => {
    const rule = await house.rule()
    await house.insert(['stays'])
    await house.drain([rule])
    await house.insert(['stays'], { status: 'COMPLETED' })
    await house.drain([rule], wholeOverlap)
    expect(await house.db.select({ state: alerts.state }).from(alerts)).toEqual([{ state: 'FIRING' }])
  })

  test('resolved by hand it is never opened again, however often it is reported', async () => {
    const rule = await house.rule()
    await house.insert(['ended'])
    await house.drain([rule])
    await changeIncident(house.db, 1, resolve(ana, new Date(), 60), { now: new Date() })
    await house.insert(['ended'])
    await house.insert(['ended'], { ts: ago(26 * hourMs) })
    const settings = { ...defaultDecisionSettings, reopenAfterSeconds: 60 }
    await house.drain([rule], { ...wholeOverlap, settings })
    expect(await house.db.select({ state: alerts.state }).from(alerts)).toEqual([{ state: 'RESOLVED' }])
  })
})
