import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cardIn, findButton, textOf, type Heard, type TeamsClient } from '#test/harness/teams-client.ts'
import {
  clientOf,
  homeTenant,
  startTeamsHouse,
  teamsApp,
  type TeamsHouse,
} from '#test/harness/teams-house.ts'
import { elements, teamsCardProblems } from '#test/harness/teams-limits.ts'

const channel = '19:general@thread.tacv2'
let house: TeamsHouse
let ann: TeamsClient

beforeEach(async () => {
  house = await startTeamsHouse()
  ann = clientOf(house, house, `${channel};messageid=1700000000001`)
  house.connector.install(channel)
})
afterEach(async () => {
  expect(house.connector.complaints).toEqual([])
  await house[Symbol.asyncDispose]()
})

function lastCard(): unknown {
  return house.connector.messages.at(-1)?.activity.attachments?.[0]?.content
}

function click(command: string, changes = {}): Promise<Heard> {
  const action = { type: 'Action.Execute', verb: 'say', data: { command } }
  return ann.invoke('adaptiveCard/action', { action, trigger: 'manual' }, { replyToId: '17', ...changes })
}

const clickAck = (changes = {}) => click('ack 42', changes)

describe('installing', () => {
  it('makes the conversation a place of alerts, and greets it once', async () => {
    await ann.install()
    await ann.send({
      type: 'conversationUpdate',
      membersAdded: [{ id: `28:${teamsApp.id}` }, { id: '29:ann' }],
    })
    expect(house.front.places.get(channel)).toEqual({
      surface: 'teams',
      key: channel,
      name: 'Ann',
      address: {
        serviceUrl: house.connector.serviceUrl,
        conversation: channel,
        kind: 'channel',
        tenant: homeTenant,
        bot: `28:${teamsApp.id}`,
      },
    })
    expect(house.connector.messages).toHaveLength(1)
    expect(textOf(lastCard())).toContain('alerts are posted to this conversation')
  })

  it('in a team means the channel that was picked, under its name', async () => {
    const channelData = {
      tenant: { id: homeTenant },
      team: { name: 'Operations' },
      settings: { selectedChannel: { id: '19:alerts@thread.tacv2', name: 'Alerts' } },
    }
    await ann.install({ channelData })
    expect(house.front.places.get('19:alerts@thread.tacv2')?.name).toBe('Alerts')
  })

  it('ends with removing the app, or the channel', async () => {
    const leave = [
      () => ann.uninstall(),
      () => ann.send({ type: 'conversationUpdate', membersRemoved: [{ id: `28:${teamsApp.id}` }] }),
      () =>
        ann.send({
          type: 'conversationUpdate',
          channelData: { tenant: { id: homeTenant }, eventType: 'channelDeleted', channel: { id: channel } },
        }),
    ]
    for (const left of leave) {
      await ann.install()
      expect(house.front.places.has(channel)).toBe(true)
      await left()
      expect(house.front.places.has(channel)).toBe(false)
    }
  })

  it('is not confused by someone else joining', async () => {
    await ann.send({ type: 'conversationUpdate', membersAdded: [{ id: '29:bob' }] })
    expect(house.front.places.size).toBe(0)
  })
})

describe('what a person types', () => {
  it('is understood behind a mention, and answered in its thread', async () => {
    await ann.mention('list')
    expect(textOf(lastCard())).toContain('1 open alert')
    expect(house.connector.messages.at(-1)?.conversation).toBe(`${channel};messageid=1700000000001`)
  })

  it('is understood with and without the slash command of the manifest', async () => {
    for (const text of ['/alert list', 'alert list', 'LIST']) {
      await ann.say(text)
      expect(textOf(lastCard())).toContain('1 open alert')
    }
  })

  it('gets a sentence back when it is not understood', async () => {
    await ann.say('make coffee')
    expect(textOf(lastCard())).toContain('I do not know "make coffee"')
  })

  it('comes from the person Entra knows, not from a name', async () => {
    await ann.say('list')
    expect(house.front.met.at(-1)).toEqual({
      surface: 'teams',
      tenant: homeTenant,
      externalId: 'ann-object-id',
      name: 'Ann',
    })
  })

  it('is done once though Teams delivers it twice', async () => {
    const twice = { id: 'same-activity' }
    await Promise.all([ann.say('ack 42', twice), ann.say('ack 42', twice)])
    expect(house.front.changes).toEqual(['ack by Ann'])
    expect(house.connector.messages).toHaveLength(1)
  })

  it('is a button’s command where the app is too old for Action.Execute', async () => {
    await ann.send({ type: 'message', value: { command: 'ack 42' } })
    expect(house.front.changes).toEqual(['ack by Ann'])
  })

  it('gets an apology with a number when we fail, and nothing of our insides', async () => {
    house.front.breakOnce()
    expect((await ann.say('list')).status).toBe(200)
    expect(textOf(lastCard())).toMatch(/it is our fault.*look for [0-9a-f]{8} in the log/)
    expect(textOf(lastCard())).not.toContain('hunter2')
  })
})

describe('a click on a card (abuse cases 12 and 13)', () => {
  it('changes the alert and tells the clicker; the message itself is edited by the workers', async () => {
    expect(await clickAck()).toEqual({
      status: 200,
      body: {
        statusCode: 200,
        type: 'application/vnd.microsoft.activity.message',
        value: 'Done: #42 Ann is looking at it.',
      },
    })
    expect(house.front.changes).toEqual(['ack by Ann'])
  })

  it('that only looks puts what it shows in place of the card', async () => {
    const answer = await click('show 42')
    expect(answer).toMatchObject({ status: 200, body: { type: 'application/vnd.microsoft.card.adaptive' } })
    expect(textOf(cardIn(answer))).toContain('#42 orders fail, firing')
    expect(teamsCardProblems(cardIn(answer))).toEqual([])
  })

  it('that comes too late says who was faster, to the clicker alone', async () => {
    await clickAck()
    const bob = { from: { id: '29:bob', name: 'Bob' } }
    expect(await clickAck(bob)).toEqual({
      status: 200,
      body: {
        statusCode: 200,
        type: 'application/vnd.microsoft.activity.message',
        value: 'Already acknowledged by Ann.',
      },
    })
    expect(house.connector.messages).toHaveLength(0)
  })

  it('repeated by the client gets the first answer, and is done once', async () => {
    const release = house.front.hold()
    const clicks = [clickAck(), clickAck(), clickAck()]
    release()
    const [first, second, third] = await Promise.all(clicks)
    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(await clickAck()).toEqual(first)
    expect(house.front.changes).toEqual(['ack by Ann'])
  })

  it('that fails is told with HTTP 200, and may be tried again at once', async () => {
    house.front.breakOnce()
    const failed = await clickAck()
    expect(failed).toMatchObject({
      status: 200,
      body: {
        statusCode: 500,
        type: 'application/vnd.microsoft.error',
        value: { message: expect.stringMatching(/[0-9a-f]{8} in the log/) },
      },
    })
    expect(JSON.stringify(failed)).not.toContain('hunter2')
    expect(await clickAck()).toMatchObject({ body: { value: 'Done: #42 Ann is looking at it.' } })
  })

  it('that nobody made changes nothing: a card that refreshes itself may only look', async () => {
    const refresh = (command: string) =>
      ann.invoke('adaptiveCard/action', { action: { data: { command } }, trigger: 'automatic' })
    expect(await refresh('ack 42')).toMatchObject({ body: { value: 'Only a click changes an alert.' } })
    expect(house.front.changes).toEqual([])
    expect(textOf(cardIn(await refresh('show 42')))).toContain('#42 orders fail')
  })

  it('on a button we do not know is answered all the same', async () => {
    const answer = await ann.invoke('adaptiveCard/action', { action: { data: { verb: 'old' } } })
    expect(answer).toMatchObject({ status: 200, body: { value: expect.stringContaining('older version') } })
    expect((await ann.invoke('somethingElse/entirely', {})).status).toBe(501)
  })
})

describe('a form', () => {
  it.each([
    ['a card’s button', 'task/submit', () => ann.click(lastCard(), 'Create a rule')],
    [
      'the menu of the app',
      'composeExtension/submitAction',
      () => ann.invoke('composeExtension/fetchTask', { commandId: 'rule-create', commandContext: 'compose' }),
    ],
  ])('opens from %s, keeps what was typed on an error, and saves a rule', async (_, submit, open) => {
    await ann.say('rule create')
    const opened = await open()
    expect(opened).toMatchObject({ body: { task: { type: 'continue', value: { title: 'Create a rule' } } } })
    const wrong = await ann.submit(cardIn(opened), { name: 'bad "name"' }, submit)
    expect(textOf(cardIn(wrong))).toContain('That name is taken')
    expect(elements(cardIn(wrong)).find(({ id }) => id === 'name')).toMatchObject({ value: 'bad "name"' })
    const preview = await ann.submit(cardIn(wrong), { name: 'slow orders' }, submit)
    expect(textOf(cardIn(preview))).toContain('Preview of slow orders')
    const saved = await ann.submit(cardIn(preview), {}, submit)
    expect(textOf(cardIn(saved))).toContain('Rule slow orders is saved')
    expect(house.front.rules).toEqual(['slow orders'])
    for (const answer of [opened, wrong, preview, saved])
      expect(teamsCardProblems(cardIn(answer))).toEqual([])
  })

  it('is saved once though the client sends it twice', async () => {
    const opened = await ann.invoke('task/fetch', { data: { command: 'rule create' } })
    const preview = cardIn(await ann.submit(cardIn(opened), { name: 'slow orders' }))
    const [first, second] = await Promise.all([ann.submit(preview, {}), ann.submit(preview, {})])
    expect(second).toEqual(first)
    expect(house.front.rules).toEqual(['slow orders'])
  })

  it('opens for Custom… in the silence menu', async () => {
    const card = cardIn(await click('show 42'))
    expect(findButton(card, 'Custom…')['data']).toMatchObject({ command: 'silence 42' })
    expect(await ann.click(card, 'Custom…')).toMatchObject({ body: { task: { type: 'continue' } } })
  })

  it('says so when it is not theirs, when it failed and when it is from an older version', async () => {
    const opened = cardIn(await ann.invoke('task/fetch', { data: { command: 'rule create' } }))
    const data = { tocsin: { form: 'draft-1', step: 1 }, name: 'x' }
    const bob = { from: { id: '29:bob', name: 'Bob' } }
    const notTheirs = await ann.invoke('task/submit', { data }, bob)
    expect(textOf(cardIn(notTheirs))).toContain('belongs to someone else')
    house.front.breakOnce()
    expect(textOf(cardIn(await ann.submit(opened, { name: 'x' })))).toContain('it is our fault')
    expect(textOf(cardIn(await ann.submit(opened, { name: 'x' })))).toContain('Preview of x')
    expect(textOf(cardIn(await ann.invoke('task/submit', { data: {} })))).toContain('older version')
    expect(textOf(cardIn(await ann.invoke('task/fetch', {})))).toContain('older version')
  })
})
