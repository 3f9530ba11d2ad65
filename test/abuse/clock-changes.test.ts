import { afterEach, describe, expect, test } from 'vitest'
import { messageThatSays, pass, push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

afterEach(() => house.close())

/** What fires at these instants, each about something else, and whether anybody hears. */
async function heardAt(instants: readonly string[]): Promise<boolean[]> {
  const heard: boolean[] = []
  for (const [number, instant] of instants.entries()) {
    const ms = new Date(instant).getTime() - house.clock.now().getTime()
    await pass(house, `${Math.round(ms / 1000)}s`)
    await push(house, { check: `c${number}`, title: `Disk ${number}`, labels: { team: 'a' } })
    heard.push((await messageThatSays(house, `#${number + 1} `)) !== undefined)
  }
  return heard
}

describe('abuse 24: a silence in the night in which the clocks change', () => {
  test.each([
    [
      'goes back: of the hour that comes twice the first one is meant',
      '2026-10-24T23:00:00Z',
      ['2026-10-25T00:20:00Z', '2026-10-25T00:40:00Z', '2026-10-25T01:40:00Z'],
    ],
    [
      'goes ahead: the hour that does not come is made up for after it',
      '2026-03-29T00:00:00Z',
      ['2026-03-29T00:40:00Z', '2026-03-29T01:40:00Z', '2026-03-29T02:40:00Z'],
    ],
  ])('in Berlin, when the clock %s', async (_, start, instants) => {
    house = await serveHouse({ start: new Date(start) })
    const recurrence = { cron: '30 2 * * *', zone: 'Europe/Berlin', duration: '1h' }
    const made = await house.post('/api/v1/silences', { matchers: ['team="a"'], recurrence })
    expect(made.status, made.text).toBe(201)
    expect(await heardAt(instants)).toEqual([true, false, true])
  })
})
