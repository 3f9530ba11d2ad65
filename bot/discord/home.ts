import type { Client, GuildTextBasedChannel } from 'discord.js'
import type { Place } from '#bot/front.ts'

/** The one server we belong to, and the channel in it where alerts go. */
export interface Home {
  readonly guildId: string
  readonly guildName: string
  readonly place: Place
  readonly responderRoleIds: readonly string[] | undefined
}

interface HomeSettings {
  readonly channelId: string
  readonly guildId?: string
  readonly responderRoleIds?: readonly string[]
}

export async function findHome(client: Client, settings: HomeSettings): Promise<Home> {
  const { guild, id, name } = await findChannel(client, settings.channelId)
  if (settings.guildId !== undefined && settings.guildId !== guild.id) {
    throw new Error(
      `The Discord channel ${id} belongs to the server ${guild.name} (${guild.id}), but DISCORD_GUILD_ID is ` +
        `${settings.guildId}. Change one of the two.`,
    )
  }
  return {
    guildId: guild.id,
    guildName: guild.name,
    place: { surface: 'discord', key: id, name: `#${name}`, address: { channel: id, guild: guild.id } },
    responderRoleIds: settings.responderRoleIds,
  }
}

async function findChannel(client: Client, channelId: string): Promise<GuildTextBasedChannel> {
  const hint = 'Check DISCORD_CHANNEL_ID, and that the bot was invited to its server and may see the channel.'
  const channel = await client.channels.fetch(channelId).catch((cause: unknown) => {
    throw new Error(`The Discord channel ${channelId} cannot be seen. ${hint}`, { cause })
  })
  if (!channel || channel.isDMBased() || !channel.isTextBased()) {
    throw new Error(`The Discord channel ${channelId} is not a text channel of a server. ${hint}`)
  }
  return channel
}
