import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { cardIn, type Heard, type TeamsClient, textOf } from '#test/harness/teams-client.ts'
import type { PostedMessage } from '#test/harness/teams-connector.ts'
import {
  clientOf,
  openTeamsDoor,
  simulatedSettings,
  simulateTeams,
  type OpenDoor,
  type SimulatedTeams,
} from '#test/harness/teams-house.ts'

const channel = '19:general@thread.tacv2'
let teams: SimulatedTeams
let house: House
let door: OpenDoor
let ann: TeamsClient

beforeEach(async () => {
  teams = await simulateTeams()
  house = await startHouse({ notifiers: { teams: teams.notifier } })
  door = await openTeamsDoor(simulatedSettings(teams), house.front)
  ann = clientOf(teams, door, channel)
  teams.connector.install(channel)
  await ann.install()
})

afterEach(async () => {
  expect(teams.connector.complaints).toEqual([])
  await door.close()
  await house.close()
  await teams.close()
})

const bob = { from: { id: '29:bob', name: 'Bob', aadObjectId: 'bob-object-id' } }

function card(message: PostedMessage | undefined): unknown {
  return message?.activity.attachments?.[0]?.content
}

function shown(words: string): PostedMessage | undefined {
  return teams.connector.messages.find((message) => textOf(card(message)).includes(words))
}

function said(answer: Heard): string {
  return String((answer.body as { value?: unknown }).value)
}

async function firing(): Promise<PostedMessage> {
  await house.rule()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  return eventually('the alert in the channel', () => shown('#1 Card payments are failing'))
}

test('one message per alert: a click edits it for everyone, and it says by itself when it is over', async () => {
  const alert = await firing()
  expect(alert.conversation).toBe(channel)

  expect(said(await ann.click(card(alert), 'Acknowledge'))).toContain('Acknowledged by Ann')
  await eventually('the message to say who has it', () => textOf(card(alert)).includes('acknowledged by Ann'))
  await eventually('a line in the thread', () =>
    teams.connector.messages.find(
      ({ conversation, activity }) =>
        conversation === `${channel};messageid=${alert.id}` && activity.text === 'Acknowledged by Ann.',
    ),
  )
  const stale = await ann.invoke(
    'adaptiveCard/action',
    { action: { type: 'Action.Execute', verb: 'say', data: { command: 'ack 1' } } },
    bob,
  )
  expect(said(stale)).toContain('Already acknowledged by Ann')

  house.clock.forward('2m')
  await house.executions(50)
  await house.tick()
  await eventually('the message to say that it is over', () => textOf(card(alert)).includes('cleared after'))
  expect(card(alert)).not.toHaveProperty('actions')
  expect(
    teams.connector.messages.filter((message) => textOf(card(message)).includes('Card payments')),
  ).toEqual([alert])
})

test('the list answers in the thread it was asked in, worst first, with buttons that work', async () => {
  const alert = await firing()
  await ann.mention('list')
  const list = await eventually('the list', () => shown('1 open alert'))
  expect(textOf(card(list))).toContain('#1 Card payments are failing')
  await ann.click(card(list), 'Acknowledge')
  await eventually('the message to say who has it', () => textOf(card(alert)).includes('acknowledged by Ann'))
})

test('a silence of one’s own length is asked for by dialog', async () => {
  const alert = await firing()
  const opened = await ann.click(card(alert), 'Custom…')
  const wrong = await ann.submit(cardIn(opened), { duration: 'a while', reason: 'deploying' })
  expect(textOf(cardIn(wrong))).toContain('Not a length of time')
  expect(textOf(cardIn(wrong))).toContain('deploying')
  const done = await ann.submit(cardIn(wrong), { duration: '45m' })
  expect(textOf(cardIn(done))).toContain('Done')
  await eventually('the message to say so', () => textOf(card(alert)).includes('Silenced until'))
})

test('a rule made by form watches from then on', async () => {
  const opened = await ann.invoke('composeExtension/fetchTask', {
    commandId: 'rule-create',
    commandContext: 'compose',
  })
  const submit = 'composeExtension/submitAction'
  expect(textOf(cardIn(opened))).toContain('Step 1 of 3')
  const second = await ann.submit(
    cardIn(opened),
    { name: 'Refunds fail', kind: 'ROUTE_METRIC', severity: 'WARNING', app: 'payment-service' },
    submit,
  )
  expect(textOf(cardIn(second))).toContain('Step 2 of 3')
  const wrong = await ann.submit(cardIn(second), { threshold: 'many' }, submit)
  expect(textOf(cardIn(wrong))).toContain('Step 2 of 3')
  expect(textOf(cardIn(wrong))).toContain('many')
  const preview = await ann.submit(cardIn(wrong), { threshold: '20 %' }, submit)
  expect(textOf(cardIn(preview))).toContain('Step 3 of 3')
  const saved = await ann.submit(cardIn(preview), {}, submit)
  expect(textOf(cardIn(saved))).toContain('Saved: Refunds fail')
  await ann.mention('rule list')
  expect(textOf(card(shown('Refunds fail')))).toContain('Refunds fail')
})

test('an app that is removed hears no more', async () => {
  await ann.uninstall()
  teams.connector.uninstall(channel)
  await house.rule()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  await eventually('the alert in the local chat', async () => (await house.localMessages())[0])
  expect(shown('Card payments')).toBeUndefined()
})

test('a Connector that is busy is tried again, and one message comes of it', async () => {
  teams.connector.failNext({ status: 429, code: 'TooManyRequests', retryAfterSeconds: 30 }, { status: 502 })
  await house.rule()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  for (const left of [1, 0]) {
    await eventually('the Connector to refuse', async () => {
      await house.sweep()
      return teams.connector.failuresLeft() === left
    })
    await house.settled()
    expect(shown('Card payments')).toBeUndefined()
    house.clock.forward('1m')
  }
  const alert = await eventually('the alert in the channel', async () => {
    await house.sweep()
    return shown('#1 Card payments are failing')
  })
  expect(
    teams.connector.messages.filter((message) => textOf(card(message)).includes('Card payments')),
  ).toEqual([alert])
})
