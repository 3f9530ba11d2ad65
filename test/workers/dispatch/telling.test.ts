import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beatPulse } from '#db/repositories/pulses.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import { resolve } from '#engine/incident/decide.ts'
import { ana } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import type { TellingHouse } from '#test/harness/telling-house.ts'
import {
  heard,
  named,
  startWebhookStory,
  storyStart,
  type WebhookStory,
} from '#test/harness/webhook-story.ts'

let story: WebhookStory
let house: TellingHouse

beforeEach(async () => {
  story = await startWebhookStory()
  house = story.house
})
afterEach(() => story.close())

const closeByHand = () => {
  const now = house.clock()
  return changeIncident(house.memory.db, 1, resolve(ana, now, null), { now, settings })
}

describe('a group that waits for nothing', () => {
  test('is told at once, as it was posted', async () => {
    const one = await story.listening()
    await story.route({}, one)
    const annotations = { summary: 'No space left', runbook: 'https://there' }
    await story.post(
      named('Disk', { annotations, generatorURL: 'https://here', startsAt: '2026-01-31T09:00:00Z' }),
    )
    expect(one.attempts).toMatchObject([
      {
        at: storyStart,
        body: {
          receiver: 'r0',
          groupKey: '{}:{}',
          alerts: [
            {
              annotations,
              generatorURL: 'https://here',
              startsAt: '2026-01-31T09:00:00.000Z',
              endsAt: '0001-01-01T00:00:00Z',
            },
          ],
        },
      },
    ])
  })

  test('and what joins it is told at its next tick, whatever happens in between', async () => {
    const one = await story.listening()
    await story.route({}, one)
    await story.post(named('a'))
    await house.pass(10)
    await story.post(named('b'))
    await house.pass(10)
    await story.post(named('c'), story.over('a'))
    await house.pass(200)
    expect(heard(one)).toEqual(['0 s: a firing', '60 s: a resolved, b firing, c firing'])
  })

  test('is told by every route that takes it, though they be written alike', async () => {
    const [one, other] = [await story.listening(), await story.listening()]
    const routes = [
      { matchers: ['alertname="a"'], receiver: 'r0', continue: true },
      { matchers: ['alertname="a"'], receiver: 'r1' },
    ]
    await story.route({ routes }, one, other)
    await story.post(named('a'))
    expect([heard(one), heard(other)]).toEqual([['0 s: a firing'], ['0 s: a firing']])
    expect(one.attempts[0]?.body.groupKey).toBe(other.attempts[0]?.body.groupKey)
  })

  test('tells of events from every other door too, by what we know of them', async () => {
    const one = await story.listening()
    await story.route({ group_by: ['entity'] }, one)
    const event = { type: 'service', state: 'critical', entity: 'web-1', check: 'HTTP', summary: 'Refused' }
    await house.ask('POST', '/api/v1/events', { ...event, initial_failure_delay: 0 })
    await house.settle()
    await house.pass(10)
    await house.ask('POST', '/api/v1/events', { ...event, state: 'ok' })
    await house.pass(60)
    expect(one.attempts.map(({ body }) => body)).toMatchObject([
      {
        status: 'firing',
        groupLabels: { entity: 'web-1' },
        alerts: [{ labels: { entity: 'web-1', severity: 'CRITICAL' }, startsAt: storyStart.toISOString() }],
      },
      { status: 'resolved', alerts: [{ endsAt: '2026-01-31T10:00:10.000Z' }] },
    ])
    expect(one.attempts[0]?.body.alerts[0]?.labels).not.toHaveProperty('check')
    expect(one.attempts[0]?.body.alerts[0]?.fingerprint).toBe(one.attempts[1]?.body.alerts[0]?.fingerprint)
  })
})

describe('an end', () => {
  test('that a person makes is told as one, though the sender goes on', async () => {
    const one = await story.listening()
    await story.route({}, one)
    await story.post(named('a'))
    await house.pass(10)
    await closeByHand()
    await house.pass(20)
    await story.post(named('a'))
    await house.pass(200)
    expect(heard(one)).toEqual(['0 s: a firing', '60 s: a resolved'])
    expect(one.attempts[1]?.body.alerts[0]?.endsAt).toBe('2026-01-31T10:00:10.000Z')
  })

  test('that nobody says is told at the tick after it, before the sweeper comes by', async () => {
    const one = await story.listening()
    await story.route({}, one)
    await story.post(named('a', { endsAt: '2026-01-31T10:04:30Z' }), named('b'))
    await house.pass(600)
    expect(heard(one)).toEqual(['0 s: a firing, b firing', '300 s: a resolved, b firing'])
  })

  test('is not believed while no door was open to say that it goes on', async () => {
    const one = await story.listening()
    await story.route({}, one)
    await beatPulse(house.memory.db, house.clock())
    await story.post(named('a', { endsAt: '2026-01-31T10:04:30Z' }))
    await house.pass(600)
    expect(heard(one)).toEqual(['0 s: a firing'])
  })

  test('leaves nothing behind', async () => {
    const [one, other] = [await story.listening(), await story.listening()]
    await story.route(
      { group_by: ['...'], routes: [{ receiver: 'r0', continue: true }, { receiver: 'r1' }] },
      one,
      other,
    )
    await story.post(named('a'), named('b'))
    expect(await story.groupsLeft()).toBe(8)
    await house.pass(10)
    await story.post(story.over('a'), story.over('b'))
    await house.pass(60)
    expect(heard(other)).toHaveLength(4)
    expect(await story.groupsLeft()).toBe(0)
  })

  test('that comes while the beginning is told is told at the next tick, and leaves nothing behind', async () => {
    let answer: () => void = () => undefined
    const one = await story.listening((response, _attempt, nth) => {
      answer = () => response.writeHead(200).end()
      if (nth > 1) answer()
    })
    await story.route({}, one)
    await story.accept(named('a'))
    const telling = house.settle()
    await eventually('the webhook to be called', () => one.attempts.length > 0)
    await story.accept(story.over('a'))
    await house.decide()
    answer()
    await telling
    await house.pass(200)
    expect(heard(one)).toEqual(['0 s: a firing', '60 s: a resolved'])
    expect(await story.groupsLeft()).toBe(0)
  })
})
