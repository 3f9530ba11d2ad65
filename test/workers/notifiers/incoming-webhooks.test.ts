import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { readConnectionDraft } from '#engine/connection/draft.ts'
import { notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { type FakeDiscordWebhook, openFakeDiscordWebhook } from '#test/harness/fake-discord-webhook.ts'
import { type FakeSlackWebhook, openFakeSlackWebhook } from '#test/harness/fake-slack-webhook.ts'
import { type FakeTeamsWorkflow, openFakeTeamsWorkflow } from '#test/harness/fake-teams-workflow.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'

type Kind = 'slack-webhook' | 'teams-workflow' | 'discord-webhook'

function connectionTo(
  kind: Kind,
  { webhook }: { readonly webhook: string },
  settings: object = {},
): OpenConnection {
  return openedConnection({ kind, settings, secrets: { url: webhook } })
}

notifierContract("Slack's incoming webhook", { dropsDoubles: false, isLiving: false }, async () => {
  const fake = await openFakeSlackWebhook()
  const shown = () => fake.posted.map(({ text, blocks }) => ({ text: text + JSON.stringify(blocks) }))
  return { ...fake, connection: connectionTo('slack-webhook', fake), open: openDriver, shown }
})

notifierContract('Teams workflow', { dropsDoubles: false, isLiving: false }, async () => {
  const fake = await openFakeTeamsWorkflow()
  const shown = () => fake.posted.map((card) => ({ text: JSON.stringify(card) }))
  return { ...fake, connection: connectionTo('teams-workflow', fake), open: openDriver, shown }
})

notifierContract('Discord webhook', { dropsDoubles: false, isLiving: true }, async () => {
  const fake = await openFakeDiscordWebhook()
  const shown = () => fake.messages.map(({ content }) => ({ text: content }))
  return { ...fake, connection: connectionTo('discord-webhook', fake), open: openDriver, shown }
})

let egress: Egress
let opened: { close(): Promise<void> }[]

beforeEach(() => {
  egress = openEgress(['127.0.0.1'], 4)
  opened = [egress]
})
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close()
})

const notifier = (connection: OpenConnection) =>
  openDriver(
    connection,
    openOutside(egress, () => after(0)),
  )

describe("Slack's incoming webhook", () => {
  let slack: FakeSlackWebhook

  beforeEach(async () => {
    slack = await openFakeSlackWebhook()
    opened.push(slack)
  })

  test('links to where one can answer, and has no button that nobody hears', async () => {
    const actions = [{ kind: 'button', label: 'Acknowledge', command: 'ack 7' }] as const
    await notifier(connectionTo('slack-webhook', slack)).post({}, { ...aTelling(), actions }, 'd')
    const said = JSON.stringify(slack.posted)
    expect(said).toContain('https://alerts.example.com/#show=7')
    expect(said).not.toContain('Acknowledge')
  })

  test('an edit without a word is no message', async () => {
    await notifier(connectionTo('slack-webhook', slack)).update({}, aTelling({ reason: 'edit' }))
    expect(slack.log).toEqual([])
  })

  test.each([
    [403, 'action_prohibited', 'auth', /an admin of the workspace/],
    [404, 'user_not_found', 'gone', /whoever it was made for is gone/],
    [404, 'no_service', 'gone', /the webhook was removed/],
    [410, 'channel_is_archived', 'gone', /unarchive it/],
    [404, 'whatever a stranger says', 'gone', /^It answered 404/],
  ] as const)('explains %i %s', async (status, body, fault, words) => {
    slack.next.push({ status, body })
    const told = notifier(connectionTo('slack-webhook', slack)).post({}, aTelling(), 'd')
    await expect(told).rejects.toMatchObject({ retry: 'never', fault, message: expect.stringMatching(words) })
  })

  test('tries again what Slack rolled back', async () => {
    slack.next.push({ status: 500, body: 'rollup_error' })
    const told = notifier(connectionTo('slack-webhook', slack)).post({}, aTelling(), 'd')
    await expect(told).rejects.toMatchObject({ retry: 'later' })
  })
})

describe('Teams workflow', () => {
  let teams: FakeTeamsWorkflow

  beforeEach(async () => {
    teams = await openFakeTeamsWorkflow()
    opened.push(teams)
  })

  test('has a card with a link and no button that nobody hears', async () => {
    const actions = [{ kind: 'button', label: 'Acknowledge', command: 'ack 7' }] as const
    await notifier(connectionTo('teams-workflow', teams)).post({}, { ...aTelling(), actions }, 'd')
    expect(teams.posted).toMatchObject([
      { actions: [{ type: 'Action.OpenUrl', url: 'https://alerts.example.com/#show=7' }] },
    ])
    expect(teams.failedRuns).toEqual([])
  })

  test('hears of the limit also where it is the text of a success', async () => {
    teams.next.push({
      status: 200,
      body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429',
    })
    const told = notifier(connectionTo('teams-workflow', teams)).post({}, aTelling(), 'd')
    await expect(told).rejects.toMatchObject({ retry: 'later', fault: 'rate-limited' })
  })

  test.each([
    'https://acme.webhook.office.com/webhookb2/0123/IncomingWebhook/4567/89',
    'https://outlook.office.com/webhook/0123/IncomingWebhook/4567/89',
    'https://outlook.office365.com/webhook/0123',
  ])('is refused where it is a connector: %s', (url) => {
    const read = readConnectionDraft({ name: 'teams', kind: 'teams-workflow', secrets: { url } })
    expect(read).toMatchObject({
      problems: [
        { field: 'secrets.url', problem: expect.stringMatching(/switched off in May 2026.*workflow/) },
      ],
    })
  })

  test.each([
    'https://prod-12.westeurope.logic.azure.com/workflows/0123/triggers/manual/paths/invoke?sig=x',
    'https://default0123.4.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/5?sig=x',
  ])('is taken wherever Microsoft has it: %s', (url) => {
    expect(readConnectionDraft({ name: 'teams', kind: 'teams-workflow', secrets: { url } })).toHaveProperty(
      'draft',
    )
  })
})

describe('Discord webhook', () => {
  let discord: FakeDiscordWebhook

  beforeEach(async () => {
    discord = await openFakeDiscordWebhook()
    opened.push(discord)
  })

  test('edits one message, and posts it anew when somebody deleted it', async () => {
    const one = notifier(connectionTo('discord-webhook', discord))
    const receipt = await one.post({}, aTelling(), 'd')
    expect(await one.update(receipt, { ...aTelling(), headline: '#7 is over' })).toBeUndefined()
    expect(discord.messages).toMatchObject([{ content: expect.stringContaining('#7 is over') }])
    discord.messages.pop()
    const fresh = await one.update(receipt, aTelling())
    expect(discord.messages).toMatchObject([{ id: fresh?.['message'] }])
  })

  test('tells a deleted webhook from a deleted message', async () => {
    const elsewhere = { webhook: `${discord.url}/api/webhooks/99/gone` }
    const told = notifier(connectionTo('discord-webhook', elsewhere)).update({ message: '1001' }, aTelling())
    await expect(told).rejects.toMatchObject({ retry: 'never', fault: 'gone' })
  })

  test('writes into a thread where one is named', async () => {
    await notifier(connectionTo('discord-webhook', discord, { threadId: '123456789' })).post(
      {},
      aTelling(),
      'd',
    )
    expect(discord.messages).toHaveLength(1)
    expect(discord.asked.at(-1)?.get('thread_id')).toBe('123456789')
  })

  test('waits as long as Discord says, to the fraction of a second', async () => {
    for (const header of ['retry-after', 'x-ratelimit-reset-after']) {
      discord.next.push({ status: 429, headers: { [header]: '0.75' }, body: { retry_after: 0.75 } })
      const told = notifier(connectionTo('discord-webhook', discord)).post({}, aTelling(), 'd')
      await expect(told).rejects.toMatchObject({ retry: 'later', afterMs: 750 })
    }
  })

  test('is refused without its id and token', () => {
    const read = readConnectionDraft({
      name: 'd',
      kind: 'discord-webhook',
      secrets: { url: 'https://discord.com/channels/1/2' },
    })
    expect(read).toMatchObject({ problems: [{ field: 'secrets.url' }] })
  })
})
