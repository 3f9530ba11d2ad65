import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { openSlackDoor } from '#test/harness/slack-door.ts'
import { click } from '#test/harness/slack-http.ts'

let house: Awaited<ReturnType<typeof openSlackDoor>>

beforeEach(async () => {
  house = await openSlackDoor({ responders: ['U0ALICE', 'U0BOB'] })
})
afterEach(() => house.close())

const acknowledge = (parts: Record<string, unknown> = {}) =>
  click({ value: 'ack 42' }, { response_url: house.api.responseUrl, ...parts })

const by = (id: string, name: string) => ({ user: { id, name, team_id: 'T0HOME' } })

/** Resolves once everything asked so far was answered: a command after it was. */
async function settled() {
  const count = house.api.calls.length
  await house.send(click({ value: 'list', action_ts: 'last' }, { response_url: house.api.responseUrl }))
  await eventually('the last answer', () => house.api.calls.length > count)
}

describe('a click on an alert (abuse cases 12 and 13)', () => {
  test('acts as the person who clicked, known by id', async () => {
    expect((await house.send(acknowledge())).status).toBe(200)
    await eventually('the command', () => house.front.said.includes('ack 42'))
    expect(house.front.met).toEqual([
      { surface: 'slack', tenant: 'T0HOME', externalId: 'U0ALICE', name: 'alice' },
    ])
  })

  test('says nothing beside the message, because the message itself changes', async () => {
    await house.send(acknowledge())
    await settled()
    expect(JSON.stringify(house.api.calls)).not.toContain('Done')
  })

  test('in a list only that person sees is answered there, because a list does not change', async () => {
    await house.send(
      acknowledge({ container: { type: 'message', is_ephemeral: true, channel_id: 'C0ALERTS' } }),
    )
    const [answer] = await house.api.heard('response_url')
    expect(answer?.sent).toMatchObject({ response_type: 'ephemeral', replace_original: false, text: 'Done' })
  })

  test('delivered twice is one click', async () => {
    await house.send(acknowledge())
    await house.send(acknowledge())
    await settled()
    expect(house.front.said).toEqual(['ack 42', 'list'])
  })

  test('of a second person comes too late, and is told who was first', async () => {
    await house.send(acknowledge())
    await house.send(acknowledge(by('U0BOB', 'bob')))
    const [answer] = await house.api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('Already acknowledged by alice.')
  })

  test('of the same person twice is told so too', async () => {
    await house.send(acknowledge())
    await house.send(click({ value: 'ack 42', action_ts: '2.3' }, { response_url: house.api.responseUrl }))
    const [answer] = await house.api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('Already acknowledged by alice.')
  })

  test('on a button from an older version is answered, not ignored', async () => {
    await house.send(click({ value: 'defuse 42' }, { response_url: house.api.responseUrl }))
    const [answer] = await house.api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('I do not know')
  })

  test('of somebody who may only look is refused', async () => {
    await house.send(acknowledge(by('U0CAROL', 'carol')))
    const [answer] = await house.api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('You may look but not act.')
    expect(house.front.met).toMatchObject([{ externalId: 'U0CAROL', mayOnlyLook: true }])
  })

  test('of a guest from another company in a shared channel is refused politely', async () => {
    await house.send(acknowledge({ user: { id: 'U0MALLORY', name: 'alice', team_id: 'T0OTHER' } }))
    const [answer] = await house.api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('only work for the members of the workspace')
    expect([house.front.said, house.front.met]).toEqual([[], []])
  })

  test('chosen from a menu is a click like any other', async () => {
    await house.send(click({ type: 'static_select', selected_option: { value: 'ack 42' } }))
    await eventually('the command', () => house.front.said.includes('ack 42'))
  })

  test.each([
    ['a link button', { url: 'https://grafana.example' }],
    ['a menu without a choice', { type: 'static_select', selected_option: null }],
    ['an element we never draw', { type: 'datepicker', selected_date: '2026-11-21', value: 'ack 42' }],
  ])('on %s is acknowledged and does nothing', async (_, action) => {
    const response = await house.send(click(action))
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(house.front.said).toEqual([])
  })

  test('is acknowledged at once, however long the answer takes', async () => {
    const wait = Promise.withResolvers<void>()
    house.front.pause = wait.promise
    expect((await house.send(acknowledge())).status).toBe(200)
    wait.resolve()
  })
})

describe('when a click fails', () => {
  test('the person hears that it did, with a number that is in the log, and nothing of our inside', async () => {
    await house.send(click({ value: 'break' }, { response_url: house.api.responseUrl }))
    const [answer] = await house.api.heard('response_url')
    const said = JSON.stringify(answer?.sent)
    expect(said).toContain('That did not work')
    expect(said).not.toContain('hunter2')
    const line = house.front.logged.find(({ msg }) => msg === 'a request from Slack failed')
    expect(line).toMatchObject({ what: 'break', err: { message: expect.stringContaining('failed') } })
    expect(said).toContain(String(line?.['reference']))
  })

  test('and the way back fails too, the person gets a direct message', async () => {
    house.api.answers['response_url'] = { status: 404 }
    await house.send(click({ value: 'break' }, { response_url: house.api.responseUrl }))
    const [answer] = await house.api.heard('chat.postMessage')
    expect(answer).toMatchObject({ token: 'xoxb-test', sent: { channel: 'U0ALICE' } })
    expect(JSON.stringify(answer)).toContain('That did not work')
  })
})

describe('a click that needs a form', () => {
  const silence = () =>
    click({ value: 'silence 42' }, { response_url: house.api.responseUrl, trigger_id: 'trigger-1' })

  test('opens it', async () => {
    await house.send(silence())
    const [opened] = await house.api.heard('views.open')
    expect(opened?.sent).toMatchObject({ trigger_id: 'trigger-1', view: { private_metadata: 'draft-1' } })
  })

  test('opens a window at once when the form takes its time, and shows the form in it', async () => {
    const wait = Promise.withResolvers<void>()
    house.front.pause = wait.promise
    await house.send(silence())
    const [opened] = await house.api.heard('views.open')
    expect(opened?.sent).toMatchObject({ view: { title: { text: 'One moment' } } })
    wait.resolve()
    const [updated] = await house.api.heard('views.update')
    expect(updated?.sent).toMatchObject({ view_id: 'V0OPENED', view: { private_metadata: 'draft-1' } })
  })

  test('says so when Slack finds it came too late', async () => {
    house.api.answers['views.open'] = { ok: false, error: 'expired_trigger_id' }
    await house.send(silence())
    const [answer] = await house.api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('three seconds')
  })
})

describe('on the Home tab', () => {
  const onHome = (value: string) =>
    click(
      { value },
      { container: { type: 'view' }, view: { id: 'V0HOME', type: 'home' }, message: undefined },
    )

  test('the list is drawn anew after a click, and the answer opens in a window', async () => {
    await house.send(onHome('ack 42'))
    const [[opened], [published]] = [
      await house.api.heard('views.open'),
      await house.api.heard('views.publish'),
    ]
    expect(JSON.stringify(opened)).toContain('Done')
    expect(published?.sent).toMatchObject({ user_id: 'U0ALICE', view: { type: 'home' } })
  })
})
