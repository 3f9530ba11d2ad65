import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { localSlackProgram, type LocalSlack } from '#test/harness/local-slack.ts'
import { startSlackHouse, type SlackMode } from '#test/harness/slack-house.ts'

describe.each<SlackMode>(['http', 'socket'])('from a slash command to a settled alert, over %s', (mode) => {
  let world: Awaited<ReturnType<typeof startSlackHouse>>
  let slack: LocalSlack

  beforeEach(async (context) => {
    if ('missing' in localSlackProgram) return context.skip(localSlackProgram.missing)
    world = await startSlackHouse(mode)
    slack = world.slack
  })
  afterEach(() => world?.close())

  const fireAndFind = async (headline: string) => {
    await world.house.executions(95)
    await world.house.executions(30, { status: 'FAILED' })
    world.house.clock.forward('15s')
    await world.house.tick()
    return slack.message(headline)
  }

  test('a rule made by form fires, and one click settles it for everyone', async () => {
    await slack.command('alice', 'rule create')
    await slack.modal('Step 1 of 3')
    await slack.submit('alice', { name: '', app: 'payment-service', route: 'authorize-card' })
    expect(Object.keys(await slack.modalErrors('name'))).toEqual(['name'])

    await slack.submit('alice', { name: 'Payments by form', severity: 'CRITICAL', app: 'payment-service' })
    await slack.modal('Step 2 of 3')
    await slack.submit('alice', { threshold: 'many' })
    expect(Object.keys(await slack.modalErrors('number'))).toEqual(['threshold'])

    await slack.submit('alice', { threshold: '5%', window: '1m' })
    const preview = await slack.modal('Step 3 of 3')
    expect(preview.title?.text).toBe('Save this rule?')
    expect((await slack.messages()).filter(({ text }) => text.includes('Saved'))).toEqual([])

    await slack.submit('alice', {})
    const saved = await slack.message('Saved: Payments by form')
    expect(saved).toMatchObject({ subtype: 'ephemeral', ephemeral_to: 'U01ALICE' })
    await eventually('the window to close', () => !slack.isModalOpen())

    const alert = await fireAndFind('#1 Payments by form')
    expect(alert.text).toBe('🔴 #1 Payments by form')
    expect(JSON.stringify(alert.blocks)).toContain('24 %')

    await slack.click('bob', alert, 'Acknowledge')
    const edited = await eventually('the message to say who has it', async () => {
      const now = (await slack.messages()).find(({ ts }) => ts === alert.ts)
      return now?.text.includes('bob') ? now : undefined
    })
    expect(edited.text).toBe('👀 #1 Payments by form — acknowledged by bob')
    expect(JSON.stringify(edited.blocks)).not.toContain('"Acknowledge"')
    const [reply] = await eventually('the reply in the thread', async () => {
      const replies = await slack.replies(alert)
      return replies.length > 0 ? replies : undefined
    })
    expect(reply?.text).toBe('Acknowledged by *bob*.')

    await slack.click('alice', alert, 'Acknowledge')
    const late = await slack.message('Already acknowledged by bob')
    expect(late).toMatchObject({ subtype: 'ephemeral', ephemeral_to: 'U01ALICE' })
  })

  test('an alert is silenced by form from its own menu, and says by itself when it is over', async () => {
    await world.house.rule()
    const alert = await fireAndFind('#1 Card payments are failing')
    await slack.click('alice', alert, 'Custom…')
    await slack.modal('Silence #1')
    await slack.submit('alice', { duration: 'a while' })
    await slack.modalErrors('Not a length of time')
    await slack.submit('alice', { duration: '2h', reason: 'Deploying the fix' })
    await slack.message('Deploying the fix')
    await eventually('the window to close', () => !slack.isModalOpen())

    world.house.clock.forward('5m')
    await world.house.executions(50)
    await world.house.tick()
    const cleared = await slack.message('cleared after')
    expect(cleared.ts).toBe(alert.ts)
    expect(cleared.blocks?.map(({ type }) => type)).not.toContain('actions')
  })

  test('the open list is the same by command, by mention and on the Home tab', async () => {
    await world.house.rule()
    await fireAndFind('#1 Card payments are failing')
    const channel = 'C01ALERTS'
    await slack.command('bob', 'list')
    const listed = await slack.message('1 open')
    expect(listed).toMatchObject({ subtype: 'ephemeral', ephemeral_to: 'U02BOB' })

    await slack.say('alice', channel, '<@U0BOT> list')
    await eventually('the list for alice', async () =>
      (await slack.messages()).find(
        ({ ephemeral_to, text }) => ephemeral_to === 'U01ALICE' && text === listed.text,
      ),
    )
    await slack.openHome('alice')
    expect(JSON.stringify((await slack.home('alice', '#1')).blocks)).toContain('Card payments are failing')
  })
})
