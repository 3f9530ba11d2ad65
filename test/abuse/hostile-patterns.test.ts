import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
})
afterAll(() => house.close())

const evil = '(a+)+$'
const victim = `${'a'.repeat(30_000)}!`
const span = () => ({
  startsAt: house.clock.now().toISOString(),
  endsAt: new Date(house.clock.now().getTime() + 3600_000).toISOString(),
})

describe('abuse 16: patterns made to take for ever', () => {
  test('take no longer than others, by a silence and by a filter of the list', async () => {
    const matchers = [{ name: 'path', value: evil, isRegex: true, isEqual: true }]
    const silence = { ...span(), matchers, createdBy: 'ana', comment: 'evil' }
    expect((await house.post('/api/v2/silences', silence)).status).toBe(200)
    const labels = { alertname: 'Slow', path: victim }
    expect((await house.post('/api/v2/alerts', [{ labels }])).status).toBe(200)
    await house.settled()
    const { body } = await house.get(`/api/v2/alerts?filter=${encodeURIComponent(`path=~"${evil}"`)}`)
    expect(body).toEqual([])
    const { body: all } = await house.get('/api/v2/alerts')
    expect(all).toMatchObject([{ labels: { path: victim }, status: { state: 'active' } }])
  })

  test('of more than the linear engine knows are refused', async () => {
    const matchers = [{ name: 'path', value: '(a)\\1(?=b)', isRegex: true, isEqual: true }]
    const silence = { ...span(), matchers, createdBy: 'ana', comment: 'evil' }
    expect((await house.post('/api/v2/silences', silence)).status).toBe(400)
  })
})

describe('abuse 16: ten thousand matchers', () => {
  const many = (parts: object) => Array.from({ length: 10_000 }, (_, at) => ({ name: `l${at}`, ...parts }))

  test.each([
    [
      "a silence by Alertmanager's API",
      '/api/v2/silences',
      () => ({ ...span(), matchers: many({ value: 'x', isRegex: true }), createdBy: 'a', comment: 'b' }),
    ],
    [
      'a silence',
      '/api/v1/environments/prod/alerts/silences',
      () => ({ ...span(), reason: 'x', matchers: many({ value: 'x' }) }),
    ],
    [
      'an inhibition',
      '/api/v1/environments/prod/alerts/inhibitions',
      () => ({ name: 'x', source: many({ value: 'x' }), target: many({ value: 'y' }) }),
    ],
  ])('in %s are refused', async (_what, path, body) => {
    const { status, text } = await house.post(path, body())
    expect([400, 422], text).toContain(status)
    expect(text).toMatch(/matcher/i)
  })
})
