import { type DiscordDoor, openDiscord } from '#bot/discord/app.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import type { Notifier, Receipt } from '#workers/notifiers/notifier.ts'
import { type DiscordFront, discordFront, fortyTwo } from './discord-front.ts'
import { type FakeDiscord, fakeToken, openFakeDiscord } from './fake-discord.ts'
import type { FakeMessage } from './fake-discord-world.ts'

/** The real door with the real discord.js, before a small front and a Discord of our own. */
export interface DiscordHouse {
  readonly discord: FakeDiscord
  readonly front: DiscordFront
  readonly notifier: Notifier
  open(settings?: { readonly responderRoleIds?: string[]; readonly guildId?: string }): Promise<void>
  /** The alert that everybody clicks. */
  postFortyTwo(): Promise<{ receipt: Receipt; posted: FakeMessage }>
  close(): Promise<void>
}

export async function discordHouse(): Promise<DiscordHouse> {
  const discord = await openFakeDiscord()
  const { apiUrl, world } = discord
  const front = discordFront()
  const notifier = discordNotifier({ token: fakeToken, apiUrl })
  let door: DiscordDoor | undefined
  return {
    discord,
    front,
    notifier,
    open: async (settings = {}) => {
      door = await openDiscord({ token: fakeToken, channelId: world.channel.id, apiUrl, ...settings }, front)
    },
    postFortyTwo: async () => {
      const receipt = await notifier.post({ channel: world.channel.id }, fortyTwo, 'delivery-1')
      const posted = world.messages.get(receipt['message'] ?? '')
      if (!posted) throw new Error('The alert was not posted')
      return { receipt, posted }
    },
    close: async () => {
      await door?.close()
      await notifier.close?.()
      await discord.close()
    },
  }
}
