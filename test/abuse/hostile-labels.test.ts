import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
})
afterAll(() => house.close())

const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then']
const written = names.map((name) => `${JSON.stringify(name)}:"about ${name}"`).join(',')

async function alertAbout(entity: string) {
  await house.settled()
  const all = await house.memory.db.select().from(alerts)
  return all.find((alert) => alert.entity === entity) ?? expect.fail(`nothing about ${entity}`)
}

function expectNoPollution(): void {
  for (const name of names) expect(Object.hasOwn({}, name)).toBe(false)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}

describe('abuse 19: names of labels that mean something to JavaScript', () => {
  test('are labels like any other through Alertmanager, to be read and to be asked for', async () => {
    const body = `[{"labels":{"alertname":"Down","instance":"am-1",${written}}}]`
    expect((await house.post('/api/v2/alerts', body)).status).toBe(200)
    const { labels } = await alertAbout('am-1')
    for (const name of names) expect(labels[name]).toBe(`about ${name}`)
    const { text } = await house.get('/api/v2/alerts?filter=constructor="about constructor"')
    for (const name of names) expect(text).toContain(`"${name}":"about ${name}"`)
    const none = await house.get('/api/v2/alerts?filter=constructor="function Object"')
    expect(none.body).toEqual([])
    expectNoPollution()
  })

  test('are so even where the name is the prototype itself: kept, shown, asked for, silenced by, and told', async () => {
    const labels = '"alertname":"Down","instance":"am-2","__proto__":"x"'
    const annotations = '"__proto__":"{\\"polluted\\":true}"'
    const body = `[{"labels":{${labels}},"annotations":{${annotations}}}]`
    expect((await house.post('/api/v2/alerts', body)).status).toBe(200)
    const kept = await alertAbout('am-2')
    expect(Object.entries(kept.labels)).toContainEqual(['__proto__', 'x'])
    for (const filter of ['__proto__="x"', '__proto__=~"x|y"', '__proto__!=""']) {
      const { text } = await house.get(`/api/v2/alerts?filter=${encodeURIComponent(filter)}`)
      expect(text).toContain('"__proto__":"x"')
      expect(text).not.toContain('am-1')
    }
    const others = await house.get('/api/v2/alerts?filter=__proto__=""')
    expect(others.text).toContain('am-1')
    expect(others.text).not.toContain('am-2')
    const shown = await house.get('/api/v1/environments/prod/alerts')
    expect(shown.text).toContain('"__proto__":"x"')
    const silence = { matchers: ['__proto__="x"'], duration: '1h', reason: 'a test' }
    expect((await house.post('/api/v1/silences', silence)).status).toBe(201)
    expect((await house.get('/api/v2/alerts?filter=instance="am-2"')).text).toContain('"suppressed"')
    expect((await house.get('/api/v2/alerts?filter=instance="am-1"')).text).toContain('"active"')
    expectNoPollution()
  })

  test('are refused as a property that no body has', async () => {
    const silence = '{"matchers":[],"__proto__":{"polluted":true}}'
    expect((await house.post('/api/v2/silences', silence)).status).toBe(422)
    expectNoPollution()
  })

  test('are labels of a mapping, and data of what is mapped', async () => {
    await house.put('/api/v1/mappings/plain', {
      entity: '/host',
      check: '{{constructor}}{{toString}} disk',
      state: { from: '/state' },
      labels: {
        constructor: '/tags/constructor',
        owner: '/__proto__/owner',
        made: '/constructor/name',
        own: '/tags/toString',
      },
    })
    const body = `{"host":"wh-1","state":"critical","__proto__":{"owner":"data"},"tags":{${written}}}`
    expect((await house.post('/api/v1/webhooks/plain', body)).body).toMatchObject({ accepted: 1 })
    expect((await alertAbout('wh-1')).labels).toEqual({
      constructor: 'about constructor',
      owner: 'data',
      own: 'about toString',
    })
    expectNoPollution()
  })

  test('and keys that come twice: the last one counts, as for everybody else', async () => {
    const body =
      '{"type":"service","entity":"twice","check":"a","state":"ok","state":"critical","initial_failure_delay":0}'
    await house.post('/api/v1/events', body)
    expect(await alertAbout('twice')).toMatchObject({ state: 'FIRING', severity: 'CRITICAL' })
  })
})

describe('abuse 19: numbers no computer holds', () => {
  test('lose no digit where they are a name', async () => {
    await house.put('/api/v1/mappings/numbers', {
      entity: '/host',
      check: '/order',
      state: { from: '/state' },
      labels: { order: '/order', price: '/price' },
    })
    const body =
      '{"host":"big","state":"critical","order":12345678901234567890,"price":0.1234567890123456789}'
    expect((await house.post('/api/v1/webhooks/numbers', body)).body).toMatchObject({ accepted: 1 })
    expect((await alertAbout('big')).labels).toMatchObject({ order: '12345678901234567890' })
  })

  test.each(['1e999', '12345678901234567890', '-12345678901234567890'])(
    '%s as a delay or a time is refused, or stands for itself',
    async (number) => {
      const event = (field: string) =>
        `{"type":"service","entity":"n","check":"a","state":"critical","${field}":${number}}`
      for (const field of ['initial_failure_delay', 'repeat_failure_delay', 'time'])
        expect((await house.post('/api/v1/events', event(field))).status).toBe(400)
      await house.settled()
    },
  )
})
