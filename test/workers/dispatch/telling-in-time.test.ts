import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertGroups } from '#db/schema/dispatch.ts'
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

describe('what is kept quiet', () => {
  const silenceAll = (startsAt: string, endsAt: string) =>
    house.ask('POST', '/api/v2/silences', {
      matchers: [{ name: 'alertname', value: '.+', isRegex: true }],
      startsAt,
      endsAt,
      createdBy: 'ada',
      comment: 'why',
    })

  test('is not told again when the silence is over and nothing has changed', async () => {
    const one = await story.listening()
    await story.route({}, one)
    await story.post(named('a'), named('b'))
    await silenceAll('2026-01-31T10:00:00Z', '2026-01-31T10:05:30Z')
    await house.pass(3600)
    expect(heard(one)).toEqual(['0 s: a firing, b firing'])
  })

  test('is told at the tick after a silence if it never was', async () => {
    const one = await story.listening()
    await story.route({}, one)
    await silenceAll('2026-01-31T10:00:00Z', '2026-01-31T10:05:30Z')
    await story.post(named('a'))
    await house.pass(3600)
    expect(heard(one)).toEqual(['360 s: a firing'])
  })

  test('is told at the tick a mute interval ends at, which is no longer in it', async () => {
    const one = await story.listening()
    await story.route({ routes: [{ mute_time_intervals: ['late'] }] }, one)
    await house.pass(630)
    await story.post(named('a'))
    await house.pass(3600)
    expect(heard(one)).toEqual(['1230 s: a firing'])
  })

  test('is told when an active interval begins, and its end only within one', async () => {
    const one = await story.listening()
    await story.route({ routes: [{ active_time_intervals: ['late'] }] }, one)
    await story.post(named('a'), named('b'))
    await house.pass(660)
    await story.post(story.over('a'))
    await house.pass(600)
    await story.post(story.over('b'))
    await house.pass(3600)
    expect(heard(one)).toEqual(['600 s: a firing, b firing', '720 s: a resolved, b firing'])
    expect(await story.groupsLeft()).toBe(0)
  })
})

describe('again', () => {
  test('is every repeat interval, not one tick later each time', async () => {
    const one = await story.listening()
    await story.route({ group_interval: '7m', repeat_interval: '1h' }, one)
    await story.post(named('a'))
    await house.pass(4 * 3600)
    // The first tick that is an hour or more after the last.
    expect(heard(one).map((line) => Number.parseInt(line, 10) / 60)).toEqual([0, 63, 126, 189])
  })

  test('is exactly then where ticks and repeats fit each other', async () => {
    const one = await story.listening()
    await story.route({ group_interval: '5m', repeat_interval: '4h' }, one)
    await story.post(named('a'))
    await house.pass(12 * 3600)
    expect(heard(one).map((line) => Number.parseInt(line, 10) / 3600)).toEqual([0, 4, 8, 12])
  })
})

describe('a webhook that fails', () => {
  test('is tried again ever more slowly, at most every minute, and told once what is true then', async () => {
    const one = await story.listening((response, { at }) =>
      response.writeHead(at.getTime() - storyStart.getTime() < 600_000 ? 500 : 200).end(),
    )
    await story.route({ group_interval: '1h' }, one)
    await story.post(named('a'))
    await house.pass(300)
    await story.post(named('b'))
    const [row] = await house.memory.db.select().from(alertGroups)
    expect(row?.lastError).toBe('It answered 500.')
    await house.pass(3000)
    const at = one.attempts.map((attempt) => attempt.at.getTime())
    const pauses = at.slice(1).map((instant, index) => instant - (at[index] ?? 0))
    expect(pauses.slice(0, 9)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000])
    expect(new Set(pauses.slice(9))).toEqual(new Set([60_000]))
    expect(heard(one).at(-1)).toMatch(/ s: a firing, b firing$/)
    expect(at.filter((instant) => instant >= storyStart.getTime() + 600_000)).toHaveLength(1)
    const [settled] = await house.memory.db.select().from(alertGroups)
    expect(settled).toMatchObject({ attempts: 0, lastError: null })
  })

  test('does not keep the others from hearing, and keeps what it has not heard of', async () => {
    const good = await story.listening()
    const bad = await story.listening((response, _attempt, nth) =>
      response.writeHead(nth === 1 ? 400 : 200).end(),
    )
    const receivers = [{ name: 'both', webhook_configs: [{ url: bad.url }, { url: good.url }] }]
    const document = { route: { receiver: 'both', group_wait: '0', group_interval: '1m' }, receivers }
    expect((await house.ask('PUT', '/api/v1/routing', document)).status).toBe(200)
    await story.post(named('a'))
    await house.pass(300)
    expect(heard(good)).toEqual(['0 s: a firing'])
    expect(heard(bad)).toEqual(['0 s: a firing', '60 s: a firing'])
  })

  test('leads elsewhere in vain', async () => {
    const elsewhere = await story.listening()
    const one = await story.listening((response, _attempt, nth) =>
      response.writeHead(nth === 1 ? 307 : 200, { location: elsewhere.url }).end(),
    )
    await story.route({}, one)
    await story.post(named('a'))
    await house.pass(60)
    expect(heard(one)).toEqual(['0 s: a firing', '60 s: a firing'])
    expect(elsewhere.attempts).toEqual([])
  })
})

describe('several dispatchers on one database', () => {
  test('tell each group once', async () => {
    const one = await story.listening()
    await story.route({ group_by: ['...'], group_wait: '30s' }, one)
    await Promise.all([house.dispatcher(), house.dispatcher()])
    const names = Array.from({ length: 1200 }, (_, index) => `alert ${index}`)
    await story.post(...names.map((name) => named(name)))
    await house.pass(30)
    expect(new Set(heard(one)).size).toBe(names.length)
    expect(heard(one)).toHaveLength(names.length)
    await story.post(...names.map((name) => story.over(name)))
    await house.pass(60)
    expect(heard(one)).toHaveLength(2 * names.length)
    expect(await story.groupsLeft()).toBe(0)
  })
})
