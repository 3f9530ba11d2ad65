import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { textOf } from '#test/harness/pushed.ts'

const flood = 10_000
const atOnce = 1000

let house: ServedHouse

beforeEach(async () => {
  house = await serveHouse()
  const { status, text } = await house.put('/api/v1/routing', {
    route: { receiver: 'ops', incident_by: ['cluster'] },
    receivers: [{ name: 'ops', chats: ['local'] }],
  })
  if (status !== 200) expect.fail(text)
})
afterEach(() => house.close())

/** One that never says the same twice: every alert has a label value of its own. */
function floodOf(from: number) {
  return Array.from({ length: atOnce }, (_, at) => ({
    labels: { alertname: 'Slow', cluster: 'loud', severity: 'warning', request: `r-${from + at}` },
  }))
}

const post = async (body: unknown) => {
  const { status, text } = await house.post('/api/v2/alerts', body)
  if (status !== 200) expect.fail(text)
}

describe('abuse 17: a storm of one source', () => {
  test('with as many label values as it has alerts is one message, and others are told beside it', async () => {
    for (let from = 0; from < flood; from += atOnce) {
      await post(floodOf(from))
      if (from === flood / 2) await post([{ labels: { alertname: 'Down', cluster: 'quiet' } }])
    }
    await house.settled()
    const told = await house.localMessages()
    expect(told).toHaveLength(2)
    expect(told.map(textOf)).toEqual(
      expect.arrayContaining([expect.stringContaining('Slow'), expect.stringContaining('Down')]),
    )
    expect(await house.memory.db.$count(alerts)).toBe(flood + 1)
  }, 120_000)
})
