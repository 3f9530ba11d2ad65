import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { until } from './embedded-house.ts'
import { openOrdinaryClient, type OrdinaryClient } from './ordinary-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let clickHouse: OrdinaryClient

beforeAll(async () => {
  clickHouse = await openOrdinaryClient()
})
afterAll(() => clickHouse.close())

describe('many at once', () => {
  const running = async (mark: string) => {
    const found = await clickHouse.rows(
      `SELECT query FROM system.processes WHERE query LIKE '%${mark}%' AND query NOT LIKE '%processes%'`,
    )
    return found.length
  }
  const endless = (mark: string) =>
    `SELECT sum(sleepEachRow(0.1)) FROM numbers(1000) /* ${mark} */ SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0`

  test('a short query does not wait for a long one', async () => {
    const giveUp = new AbortController()
    const long = clickHouse.client.query({ query: endless('long'), abort_signal: giveUp.signal })
    const ended = expect(long).rejects.toThrow()
    await until('the long query runs', async () => (await running('long')) === 1)
    expect(await clickHouse.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(await running('long')).toBe(1)
    giveUp.abort()
    await ended
  })

  test('a query its client gave up on stops inside the engine', async () => {
    const giveUp = new AbortController()
    const abandoned = clickHouse.client.query({ query: endless('abandoned'), abort_signal: giveUp.signal })
    const ended = expect(abandoned).rejects.toThrow()
    await until('it runs', async () => (await running('abandoned')) === 1)
    giveUp.abort()
    await ended
    await until('it is gone', async () => (await running('abandoned')) === 0)
  })

  test('a query beyond its time ends with a timeout, also when the client waits less than the query may take', async () => {
    const late = await clickHouse.failure(
      clickHouse.rows(endless('late'), { clickhouse_settings: { max_execution_time: 1 } }),
    )
    expect(late).toMatchObject({ code: '159', type: 'TIMEOUT_EXCEEDED' })
    const hasty = clickHouse.open({ request_timeout: 300 })
    await expect(hasty.query({ query: endless('hasty') })).rejects.toThrow('Timeout')
    await hasty.close()
    await until('the abandoned query is gone', async () => (await running('hasty')) === 0)
  })

  test('hundreds of queries at once are all answered', async () => {
    const many = clickHouse.open({ max_open_connections: 50 })
    try {
      const answers = await Promise.all(
        Array.from({ length: 300 }, async (_, n) => {
          const result = await many.query({ query: `SELECT ${n} AS n`, format: 'JSONEachRow' })
          return (await result.json<{ n: number }>())[0]?.n
        }),
      )
      expect(answers).toEqual(Array.from({ length: 300 }, (_, n) => n))
    } finally {
      await many.close()
    }
  })
})
