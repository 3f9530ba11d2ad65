import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import {
  type AlertCursor,
  countOpenAlerts,
  countResolvedAlerts,
  listAlerts,
} from '#db/repositories/alerts.ts'
import { changeIncident, listIncidents } from '#db/repositories/incidents.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import type { CheckState } from '#engine/event.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

/** #1 to #6, a minute apart; #7 is still pending and has no number. */
const states: CheckState[] = ['warning', 'critical', 'info', 'critical', 'warning', 'critical', 'critical']

beforeAll(async () => {
  memory = await testMemory()
  for (const [index, state] of states.entries()) {
    const pending = index === 6 ? 600 : 0
    const event = anEvent({ check: randomUUID(), state, initialFailureDelaySeconds: pending })
    await takeIn(memory.db, [event], after(index * 60))
  }
  await changeIncident(memory.db, 2, acknowledge(ana, after(600)), { now: after(600) })
  await changeIncident(memory.db, 5, resolve(ana, after(700), null), { now: after(700) })
  await changeIncident(memory.db, 1, resolve(ana, after(800), null), { now: after(800) })
})
afterAll(() => memory.close())

describe('incidents', () => {
  test.each([
    ['open', 'worst first, then oldest', [2, 4, 6, 3]],
    ['firing', 'what nobody has taken', [4, 6, 3]],
    ['acknowledged', 'what somebody has', [2]],
    ['resolved', 'what ended last comes first', [1, 5]],
  ] as const)('%s: %s', async (only, _how, numbers) => {
    const page = await listIncidents(memory.db, only, 10)
    expect(page.incidents.map(({ number }) => number)).toEqual(numbers)
    expect(page.total).toBe(numbers.length)
  })

  test('a page is cut, and says how many there are', async () => {
    const page = await listIncidents(memory.db, 'open', 2)
    expect(page.incidents.map(({ number }) => number)).toEqual([2, 4])
    expect(page.total).toBe(4)
  })
})

describe('alerts', () => {
  async function pages(limit: number): Promise<(number | null)[][]> {
    const seen: (number | null)[][] = []
    let after: AlertCursor | undefined
    do {
      const page = await listAlerts(memory.db, { environment: 'prod', limit, ...(after && { after }) })
      seen.push(page.alerts.map(({ number }) => number))
      after = page.next
    } while (after)
    return seen
  }

  test('newest first, page after page, without a gap or a double', async () => {
    expect(await pages(3)).toEqual([[null, 6, 5], [4, 3, 2], [1]])
    expect(await pages(7)).toEqual([[null, 6, 5, 4, 3, 2, 1]])
    expect(await pages(200)).toHaveLength(1)
  })

  test('alerts of the same instant are told apart by the page', async () => {
    const events = Array.from({ length: 9 }, () =>
      anEvent({ check: randomUUID(), labels: { of: 'one instant' } }),
    )
    const { turned } = await takeIn(memory.db, events, after(-60))
    const numbers = (await pages(2)).flat().slice(-turned.length)
    expect(new Set(numbers).size).toBe(9)
    expect(Math.min(...numbers.map(Number))).toBe(7)
  })

  test('a page stays right while new ones come', async () => {
    const { next } = await listAlerts(memory.db, { environment: 'prod', limit: 2 })
    await takeIn(memory.db, [anEvent({ check: randomUUID() })], after(9000))
    const page = await listAlerts(memory.db, { environment: 'prod', limit: 2, ...(next && { after: next }) })
    expect(page.alerts.map(({ number }) => number)).toEqual([5, 4])
  })

  test.each([
    ['PENDING', 1],
    ['ACKNOWLEDGED', 1],
    ['RESOLVED', 2],
  ] as const)('%s alone', async (state, count) => {
    expect((await listAlerts(memory.db, { environment: 'prod', state, limit: 50 })).alerts).toHaveLength(
      count,
    )
  })

  test('of another environment there are none', async () => {
    expect(await listAlerts(memory.db, { environment: 'elsewhere', limit: 50 })).toEqual({
      alerts: [],
      next: undefined,
    })
  })

  test('counted by what people call their state', async () => {
    expect(await countOpenAlerts(memory.db)).toEqual({ PENDING: 1, FIRING: 13, ACKNOWLEDGED: 1 })
    expect(await countResolvedAlerts(memory.db)).toBe(2)
  })
})
