import { type NotifierRig, notifierContract } from '#test/contracts/notifier.ts'
import { listLocalMessages } from '#db/repositories/local-messages.ts'
import { plainLine, plainMessage } from '#engine/message/plain.ts'
import { testMemory } from '#test/harness/database.ts'
import { after } from '#test/harness/engine-things.ts'
import { complaintsAboutMessage } from '#test/harness/discord-limits.ts'
import { fakeToken, openFakeDiscord } from '#test/harness/fake-discord.ts'
import { textOf } from '#test/harness/fake-discord-people.ts'
import { startSlackApi } from '#test/harness/slack-api.ts'
import { startTeamsConnector } from '#test/harness/teams-connector.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import { localNotifier } from '#workers/notifiers/local.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'
import { teamsNotifier } from '#workers/notifiers/teams.ts'

/** Chats whose apps speak both ways; what each does in trouble is in the file of its notifier. */
type ChatRig = NotifierRig<{ secrets: Readonly<Record<string, string>>; settings: object }>

const living = { isLiving: true, speaksHttp: false, isHeldHere: false } as const

notifierContract('Slack', { ...living, dropsDoubles: false }, async (): Promise<ChatRig> => {
  const api = await startSlackApi()
  return {
    connection: { secrets: { token: 'xoxb-secret' }, settings: {} },
    open: ({ secrets: { token: botToken = '' } }) => slackNotifier({ botToken, apiUrl: api.url }),
    address: () => ({ channel: 'C0ALERTS' }),
    shown: () => {
      const posts = api.calls.filter(({ method }) => method === 'chat.postMessage')
      return posts.map(({ sent }) => ({ text: JSON.stringify(sent) }))
    },
    complaints: [],
    close: () => api.close(),
  }
})

notifierContract('Teams', { ...living, dropsDoubles: false }, async (): Promise<ChatRig> => {
  const app = { id: 'app-1', secret: 'the-secret' }
  const connector = await startTeamsConnector(app)
  const { tokenUrl, origin, serviceUrl } = connector
  const identity = { appId: app.id, appType: 'SingleTenant', tenantId: 'tenant-1' } as const
  let conversations = 0
  return {
    connection: { secrets: { secret: app.secret }, settings: {} },
    open: ({ secrets: { secret = '' } }) =>
      teamsNotifier({
        ...identity,
        secret,
        tokenUrl,
        anonymousOnLoopback: false,
        serviceOrigins: [origin],
      }),
    // Of one conversation Teams takes seven messages a second.
    address: () => {
      const conversation = `19:${(conversations += 1)}@thread.tacv2`
      connector.install(conversation)
      return { serviceUrl, conversation, kind: 'channel', bot: '28:app-1' }
    },
    shown: () => connector.messages.map(({ activity }) => ({ text: JSON.stringify(activity) })),
    complaints: connector.complaints,
    close: () => connector.close(),
  }
})

notifierContract('Discord', { ...living, dropsDoubles: true }, async (): Promise<ChatRig> => {
  const discord = await openFakeDiscord()
  return {
    connection: { secrets: { token: fakeToken }, settings: {} },
    open: ({ secrets: { token = '' } }) => discordNotifier({ token, apiUrl: discord.apiUrl }),
    address: () => ({ channel: '300000000000003000' }),
    shown: () => discord.channelMessages().map((message) => ({ text: textOf(message) })),
    get complaints() {
      return discord.channelMessages().flatMap(complaintsAboutMessage)
    },
    close: () => discord.close(),
  }
})

notifierContract('The local chat', { ...living, dropsDoubles: true }, async (): Promise<ChatRig> => {
  const memory = await testMemory()
  const shown: { text: string }[] = []
  const look = async () => {
    const rows = (await listLocalMessages(memory.db, { limit: 200 })).reverse()
    shown.splice(
      0,
      shown.length,
      ...rows.flatMap(({ message, thread }) => [
        { text: plainMessage(message) },
        ...thread.map(({ line }) => ({ text: plainLine(line) })),
      ]),
    )
  }
  return {
    connection: { secrets: {}, settings: {} },
    open: () => {
      const local = localNotifier(memory.db, () => after(60))
      const looked = async <T>(said: Promise<T>): Promise<T> => {
        const answer = await said
        await look()
        return answer
      }
      return {
        post: (...call) => looked(local.post(...call)),
        update: (...call) => looked(local.update(...call)),
        reply: (...call) => looked(local.reply(...call)),
      }
    },
    shown: () => shown,
    complaints: [],
    close: () => memory.close(),
  }
})
