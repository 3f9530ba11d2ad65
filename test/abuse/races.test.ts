import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { incidentView, worstAlert } from '#engine/incident/incident.ts'
import { type FakePagerDuty, openFakePagerDuty } from '#test/harness/fake-pagerduty.ts'
import { eventually } from '#test/harness/eventually.ts'
import { pass, push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const routingKey = '0123456789abcdef0123456789abcdef'

let house: ServedHouse
let pagerDuty: FakePagerDuty

beforeEach(async () => {
  house = await serveHouse()
  pagerDuty = await openFakePagerDuty(routingKey, house.clock.now)
  await house.post('/api/v1/connections', {
    name: 'on-call',
    kind: 'pagerduty',
    settings: { baseUrl: pagerDuty.url },
    secrets: { routingKey },
  })
  await house.put('/api/v1/routing', {
    route: { receiver: 'team' },
    receivers: [{ name: 'team', chats: ['local'], connections: ['on-call'] }],
  })
})
afterEach(async () => {
  await pagerDuty.close()
  await house.close()
})

const story = async (number: number) =>
  (await findStoryByNumber(house.memory.db, number, house.clock.now())) ?? expect.fail(`no #${number}`)
const there = () => pagerDuty.alerts.map(({ status }) => status)

describe('abuse 13: two at once', () => {
  test('who acknowledge the same: one of them has, and the other is told who', async () => {
    const people = await Promise.all(['Ana', 'Bo', 'Cy'].map((name) => house.person(name)))
    await push(house, {})
    const answers = await Promise.all(people.map((person) => house.front.say('ack 1', person)))
    expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(2)
    const { incident, timeline } = await story(1)
    expect(timeline.filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1)
    const by = worstAlert(incident).acknowledgedBy
    const winner = by?.kind === 'person' ? by.name : expect.fail('nobody has it')
    for (const answer of answers) if (answer.kind === 'refused') expect(answer.because).toContain(winner)
  })

  test('an acknowledgement and a recovery: it is over, however they meet', async () => {
    const ana = await house.person('Ana')
    for (let number = 1; number <= 8; number++) {
      await push(house, { check: `c${number}` })
      await Promise.all([
        house.front.say(`ack ${number}`, ana),
        push(house, { check: `c${number}`, state: 'ok' }),
      ])
      expect(incidentView((await story(number)).incident)).toBe('RESOLVED')
    }
    await house.settled()
    await eventually('PagerDuty to know', () => there().every((status) => status === 'resolved'))
    expect(pagerDuty.complaints).toEqual([])
  })

  test('an acknowledgement that comes after the end opens nothing again, here or there', async () => {
    const ana = await house.person('Ana')
    await push(house, {})
    await push(house, { state: 'ok' })
    expect((await house.front.say('ack 1', ana)).kind).toBe('refused')
    await house.settled()
    expect(there()).toEqual(['resolved'])
  })
})

describe('abuse 13: an end that would come before its beginning', () => {
  test('is not told where nothing of it had been heard', async () => {
    pagerDuty.next.push({ status: 503 })
    await push(house, {})
    await push(house, { state: 'ok' })
    await pass(house, '1 min')
    expect(there()).toEqual([])
    expect(pagerDuty.dropped).toBe(0)
  })

  test('leaves nothing open where the beginning may have been heard although nobody said so', async () => {
    pagerDuty.next.push('take it and hang up')
    await push(house, {})
    await push(house, { state: 'ok' })
    await pass(house, '1 min')
    expect(there()).toEqual(['resolved'])
  })
})
