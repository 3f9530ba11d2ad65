import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDiscord } from '#bot/discord/app.ts'
import type { Person } from '#engine/person.ts'
import { eventually } from '#test/harness/eventually.ts'
import { fakeToken, openFakeDiscord } from '#test/harness/fake-discord.ts'
import { labelsOf, textOf as discordText } from '#test/harness/fake-discord-people.ts'
import { localSlackProgram, localSlackSettings, startLocalSlack } from '#test/harness/local-slack.ts'
import { openPorch } from '#test/harness/slack-http.ts'
import { startHouse } from '#test/harness/start-house.ts'
import { textOf as cardText } from '#test/harness/teams-client.ts'
import { clientOf, openTeamsDoor, simulatedSettings, simulateTeams } from '#test/harness/teams-house.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'

const teamsChannel = '19:general@thread.tacv2'

/** The real house with every door open at once. */
async function startEverything() {
  const [porch, teams, discord] = await Promise.all([openPorch(), simulateTeams(), openFakeDiscord()])
  const slack = await startLocalSlack(porch.url)
  const { botToken, signingSecret, alertChannel } = localSlackSettings
  const discordSettings = { token: fakeToken, channelId: discord.world.channel.id, apiUrl: discord.apiUrl }
  const house = await startHouse({
    notifiers: {
      slack: slackNotifier({ botToken, apiUrl: slack.apiUrl }),
      teams: teams.notifier,
      discord: discordNotifier(discordSettings),
    },
  })
  const slackDoor = await porch.open(
    {
      botToken,
      signingSecrets: [signingSecret],
      channel: alertChannel,
      apiUrl: slack.apiUrl,
      allowedResponseHosts: ['127.0.0.1'],
    },
    house.front,
  )
  const discordDoor = await openDiscord(discordSettings, house.front)
  const teamsDoor = await openTeamsDoor(simulatedSettings(teams), house.front)
  const ann = clientOf(teams, teamsDoor, teamsChannel)
  teams.connector.install(teamsChannel)
  await ann.install()
  return {
    house,
    slack,
    discord,
    teams,
    ann,
    close: async () => {
      await Promise.all([slackDoor.close(), discordDoor.close(), teamsDoor.close()])
      await house.close()
      await Promise.all([porch.close(), slack.close(), discord.close(), teams.close()])
    },
  }
}

let world: Awaited<ReturnType<typeof startEverything>>
let ana: Person

beforeEach(async (context) => {
  if ('missing' in localSlackProgram) return context.skip(localSlackProgram.missing)
  world = await startEverything()
  ana = await world.house.front.meet({ surface: 'local', tenant: 'local', externalId: 'ana', name: 'Ana' })
})

afterEach(() => world?.close())

/** The one message about the alert on each surface: its id, what it says, and whether it can still be clicked. */
interface Sighting {
  readonly id: string | number
  readonly text: string
  readonly clickable: boolean
}

const sight: Record<string, () => Promise<Sighting[]>> = {
  'the local chat': async () =>
    (await world.house.localMessages()).map(({ id, message }) => ({
      id,
      text: message.headline,
      clickable: message.actions.length > 0,
    })),
  Slack: async () =>
    (await world.slack.messages())
      .filter((message) => message.text.includes('#1') && message.blocks !== undefined)
      .map(({ ts, text, blocks = [] }) => ({
        id: ts,
        text,
        clickable: blocks.some(({ type }) => type === 'actions'),
      })),
  Teams: async () =>
    world.teams.connector.messages
      .map(({ id, activity }) => ({ id, card: activity.attachments?.[0]?.content }))
      .filter(({ card }) => cardText(card).includes('#1 Card payments'))
      .map(({ id, card }) => ({
        id,
        text: cardText(card),
        clickable: JSON.stringify(card).includes('"resolve 1"'),
      })),
  Discord: async () =>
    world.discord
      .channelMessages()
      .filter((message) => discordText(message).includes('#1 Card payments'))
      .map((message) => ({
        id: message.id,
        text: discordText(message),
        clickable: labelsOf(message).length > 0,
      })),
}

/** Waits until every surface shows exactly one message about the alert, and it says these words. */
async function everywhere(words: string): Promise<Record<string, Sighting>> {
  const seen: Record<string, Sighting> = {}
  for (const [surface, look] of Object.entries(sight)) {
    const [only] = await eventually(`one message on ${surface} that says "${words}"`, async () => {
      const sightings = await look()
      return sightings.length === 1 && sightings[0]?.text.includes(words) ? sightings : undefined
    })
    if (only) seen[surface] = only
  }
  return seen
}

const idsOf = (seen: Record<string, Sighting>) =>
  Object.entries(seen).map(([surface, { id }]) => [surface, id])

test('one rule fires in every chat, one click settles it in every chat, and every chat hears that it is over', async () => {
  const { house } = world
  await house.rule()
  await house.executions(95)
  await house.executions(30, { status: 'FAILED' })
  await house.tick()
  const posted = await everywhere('#1 Card payments are failing')
  expect(Object.keys(posted)).toEqual(Object.keys(sight))
  expect(Object.values(posted).every(({ clickable }) => clickable)).toBe(true)

  const alert = await world.slack.message('#1 Card payments are failing')
  await world.slack.click('bob', alert, 'Acknowledge')
  const acknowledged = await everywhere('acknowledged by bob')
  expect(idsOf(acknowledged)).toEqual(idsOf(posted))

  expect(await house.front.say('ack 1', ana)).toEqual({
    kind: 'refused',
    because: expect.stringContaining('Already acknowledged by bob'),
  })

  house.clock.forward('133s')
  await house.executions(50)
  await house.tick()
  const cleared = await everywhere('cleared after 2 min 13 s')
  expect(idsOf(cleared)).toEqual(idsOf(posted))
  expect(Object.values(cleared).some(({ clickable }) => clickable)).toBe(false)
})
