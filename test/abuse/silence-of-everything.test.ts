import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeApiToken } from '#bot/api-tokens.ts'
import { messageThatSays, textOf } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeEach(async () => {
  house = await serveHouse()
})
afterEach(() => house.close())

const silences = '/api/v1/silences'
const everything = ['alertname=~".+"']

async function postAs(token: string, body: object): Promise<Response> {
  return fetch(house.url + silences, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
}

async function tokenOf(role: 'VIEWER' | 'OPERATOR'): Promise<string> {
  const wish = { name: role.toLowerCase(), role, environments: null, createdBy: 'a test' }
  return (await makeApiToken(house.desk, wish)).token
}

describe('abuse 15: a silence of everything', () => {
  test.each([
    [
      'for ever',
      { matchers: everything, endsAt: '2099-01-01T00:00:00Z', reason: 'because' },
      'within 24 hours',
    ],
    ['for two days', { matchers: everything, duration: '2d', reason: 'because' }, 'within 24 hours'],
    ['without a reason', { matchers: everything, duration: '2h' }, 'say why'],
    ['with a reason of a dot', { matchers: everything, duration: '2h', reason: ' . ' }, 'say why'],
    [
      'but one team',
      { matchers: ['team!="payments"'], duration: '2d', reason: 'because' },
      'within 24 hours',
    ],
    [
      'by two patterns',
      { matchers: ['alertname=~".*"', 'app!~"x"'], duration: '2d', reason: 'because' },
      'within 24 hours',
    ],
    [
      'again and again',
      {
        matchers: everything,
        reason: 'because',
        recurrence: { cron: '* * * * *', zone: 'UTC', duration: '1h' },
      },
      'again and again',
    ],
  ])('%s is refused', async (_how, body, words) => {
    const answer = await house.post(silences, body)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(words)
  })

  test('by Alertmanager clients and in the chat it is the same', async () => {
    const answer = await house.post('/api/v2/silences', {
      matchers: [{ name: 'alertname', value: '.+', isRegex: true, isEqual: true }],
      startsAt: house.clock.now().toISOString(),
      endsAt: '2099-01-01T00:00:00Z',
      createdBy: 'mallory',
      comment: 'no reason to worry',
    })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('within 24 hours')
    const ana = await house.person('Ana')
    const said = await house.front.say('silence alertname=~".+" for 3d because tired', ana)
    expect(JSON.stringify(said)).toContain('within 24 hours')
  })

  test('with a reason and a near end it holds, cannot be drawn out, and everybody reads who made it', async () => {
    // Ten small ones before it do not hide it.
    for (let nth = 0; nth < 10; nth++)
      await house.post(silences, { matchers: [`team="t${nth}"`], duration: '1h' })
    const made = await postAs(await tokenOf('OPERATOR'), {
      matchers: everything,
      duration: '2h',
      reason: 'The data centre moves',
      createdBy: 'Ana',
    })
    expect(made.status).toBe(201)
    const { id, createdBy } = (await made.json()) as { id: string; createdBy: string }
    expect(createdBy).toBe('Ana (token operator)')
    await house.settled()
    const announced = textOf(await messageThatSays(house, 'Silenced: {alertname=~".+"}'))
    expect(announced).toContain('The data centre moves')
    expect(announced).toContain('Ana (token operator)')
    expect((await house.post(`${silences}/${id}/extend`, { duration: '20h' })).status).toBe(200)
    const drawnOut = await house.post(`${silences}/${id}/extend`, { duration: '20h' })
    expect(drawnOut.status).toBe(400)
    expect(drawnOut.text).toContain('cannot last longer')
  })

  test('whoever may only look makes none', async () => {
    const refused = await postAs(await tokenOf('VIEWER'), {
      matchers: everything,
      duration: '1h',
      reason: 'because',
    })
    expect(refused.status).toBe(403)
    const viewer = await house.person('Vera', { mayOnlyLook: true })
    expect(await house.front.say('silence alertname=~".+" for 1h because tired', viewer)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('needs the role OPERATOR'),
    })
  })
})
