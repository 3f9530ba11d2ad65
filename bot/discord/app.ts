import type { Client, Interaction } from 'discord.js'
import type { Front } from '#bot/front.ts'
import { discordCommands } from '#engine/command/discord-commands.ts'
import { connect, watchConnection } from './connection.ts'
import { hear } from './hear.ts'
import { findHome, type Home } from './home.ts'

export interface DiscordSettings {
  readonly token: string
  /** Where alerts are posted; its server is the only one that is listened to. */
  readonly channelId: string
  /** Where given, the channel has to belong to this server. */
  readonly guildId?: string
  /** Members with one of these roles may act, all others only look. Absent: every member may act. */
  readonly responderRoleIds?: readonly string[]
  /** Another address than Discord's own, for tests. */
  readonly apiUrl?: string
}

export interface DiscordDoor {
  close(): Promise<void>
}

export async function openDiscord(settings: DiscordSettings, front: Front): Promise<DiscordDoor> {
  // discord.js is heavy, and most houses have another chat.
  const { Client } = await import('discord.js')
  const client = new Client({
    // Commands, presses and forms need no more, and no more means no review by Discord.
    intents: ['Guilds'],
    allowedMentions: { parse: [] },
    rest: { version: '10', ...(settings.apiUrl !== undefined && { api: settings.apiUrl }) },
  })
  watchConnection(client, front.log)
  try {
    await connect(client, settings.token)
    const home = await findHome(client, settings)
    const stopListening = listen(client, front, home)
    // Overwriting a set with the same set creates nothing, so it does not count against Discord's 200 creations a day.
    await client.application?.commands.set(discordCommands(), home.guildId)
    await front.rememberPlace(home.place)
    front.log.info({ server: home.guildName, channel: home.place.name }, 'Discord: listening')
    return {
      close: async () => {
        await stopListening()
        await client.destroy()
      },
    }
  } catch (error) {
    await client.destroy()
    throw error
  }
}

/** Stopping waits for the answers under way, so that nobody's click is left without one. */
function listen(client: Client, front: Front, home: Home): () => Promise<void> {
  const underWay = new Set<Promise<void>>()
  const onInteraction = (interaction: Interaction) => {
    const hearing = hear(interaction, front, home).finally(() => underWay.delete(hearing))
    underWay.add(hearing)
  }
  client.on('interactionCreate', onInteraction)
  return async () => {
    client.off('interactionCreate', onInteraction)
    await Promise.allSettled(underWay)
  }
}
