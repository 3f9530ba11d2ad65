import { afterEach, beforeEach, expect, test } from 'vitest'
import { heard, named, startWebhookStory, type WebhookStory } from '#test/harness/webhook-story.ts'
import type { WebhookReceiver } from '#test/harness/webhook-receiver.ts'

let story: WebhookStory
let one: WebhookReceiver
let other: WebhookReceiver

beforeEach(async () => {
  story = await startWebhookStory()
  one = await story.listening()
  other = await story.listening()
})
afterEach(() => story.close())

const toOther = { routes: [{ receiver: 'r1', matchers: ['alertname="a"'] }] }
const toBoth = { routes: [{ receiver: 'r1', continue: true }, { receiver: 'r0' }] }

test('who is new in it hears of everything that fires, and nobody twice', async () => {
  await story.route({}, one)
  await story.post(named('a'), named('b'))
  await story.house.pass(10)
  await story.post(story.over('b'))
  await story.route({ routes: [{ receiver: 'r1', continue: true, matchers: ['alertname!=""'] }] }, one, other)
  await story.house.pass(30)
  expect([heard(one), heard(other)]).toEqual([['0 s: a firing, b firing'], ['10 s: a firing']])
})

test('who is no longer in it hears nothing more, and who comes in its place hears the end', async () => {
  await story.route(toOther, one, other)
  await story.post(named('a'))
  await story.house.pass(10)
  await story.route({}, one)
  await story.house.pass(10)
  await story.post(story.over('a'), named('b'))
  await story.house.pass(200)
  expect([heard(one), heard(other)]).toEqual([
    ['10 s: a firing', '70 s: a resolved, b firing'],
    ['0 s: a firing'],
  ])
})

test('a group that stays keeps what it told, and takes its new timers', async () => {
  await story.route({ ...toBoth, repeat_interval: '4h' }, one, other)
  await story.post(named('a'))
  await story.house.pass(10)
  await story.route({ ...toBoth, repeat_interval: '10m' }, one, other)
  await story.house.pass(500)
  expect([heard(one), heard(other)]).toEqual([['0 s: a firing'], ['0 s: a firing']])
  await story.house.pass(200)
  expect(heard(one)).toEqual(['0 s: a firing', '600 s: a firing'])
})

test('an end that waits for its tick is still told', async () => {
  await story.route({}, one)
  await story.post(named('a'))
  await story.house.pass(10)
  await story.post(story.over('a'))
  await story.route({ group_interval: '2m' }, one, other)
  await story.house.pass(200)
  expect(heard(one)).toEqual(['0 s: a firing', '60 s: a resolved'])
  expect(await story.groupsLeft()).toBe(0)
})

test('the first one tells what fires already', async () => {
  await story.post(named('a'))
  await story.house.pass(10)
  await story.route({}, one)
  await story.house.settle()
  expect(heard(one)).toEqual(['10 s: a firing'])
})

test('without one nobody is told, and nothing is left of it', async () => {
  await story.route(toBoth, one, other)
  await story.post(named('a'))
  expect((await story.house.ask('DELETE', '/api/v1/routing')).status).toBe(204)
  expect(await story.groupsLeft()).toBe(0)
  await story.post(story.over('a'), named('b'))
  await story.house.pass(200)
  expect([heard(one), heard(other)]).toEqual([['0 s: a firing'], ['0 s: a firing']])
})
