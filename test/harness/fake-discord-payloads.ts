import { type FakeInteraction, type FakeMessage, type FakeWorld, flag } from './fake-discord-world.ts'

type Json = Record<string, unknown>

/** The objects Discord sends, with the parts that are never left out. */

export function userJson(id: string, name: string, isBot = false): Json {
  return { id, username: name.toLowerCase(), global_name: name, discriminator: '0', avatar: null, bot: isBot }
}

export function channelJson(world: FakeWorld): Json {
  return { id: world.channel.id, guild_id: world.guild.id, type: 0, name: world.channel.name, position: 0 }
}

export function guildJson(world: FakeWorld, roleIds: readonly string[]): Json {
  const { id, name } = world.guild
  const bot = {
    user: userJson(world.botId, 'Tocsin', true),
    roles: [],
    joined_at: new Date().toISOString(),
    flags: 0,
  }
  return {
    id,
    name,
    icon: null,
    owner_id: '1',
    features: [],
    emojis: [],
    stickers: [],
    member_count: 3,
    large: false,
    channels: [channelJson(world)],
    members: [bot],
    threads: [],
    presences: [],
    voice_states: [],
    roles: [id, ...roleIds].map((id) => ({
      id,
      name: `role ${id}`,
      permissions: '0',
      position: 0,
      color: 0,
    })),
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    premium_tier: 0,
    nsfw_level: 0,
  }
}

export function messageJson(world: FakeWorld, message: FakeMessage): Json {
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.referenceId ? 19 : 0,
    tts: false,
    pinned: false,
    author: userJson(world.botId, 'Tocsin', true),
    content: message.content,
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: message.edits > 0 ? new Date(world.now()).toISOString() : null,
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    attachments: [],
    embeds: message.embeds,
    components: message.components,
    flags: (message.isEphemeral ? flag.ephemeral : 0) | (message.isDeferred ? flag.loading : 0),
  }
}

export interface Speaker {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  /** Null: a direct message. */
  readonly guildId: string | null
}

const interactionTypes = { command: 2, press: 3, modal: 5 } as const

export function interactionJson(
  world: FakeWorld,
  interaction: FakeInteraction,
  { speaker, data }: { speaker: Speaker; data: Json },
): Json {
  const { id, token, kind, source } = interaction
  const user = userJson(speaker.id, speaker.name)
  const joined_at = new Date(0).toISOString()
  const place =
    speaker.guildId === null
      ? { user, context: 1, channel: { id: '4000', type: 1 }, channel_id: '4000' }
      : {
          guild_id: speaker.guildId,
          context: 0,
          channel: channelJson(world),
          channel_id: world.channel.id,
          guild: { id: speaker.guildId, locale: 'en-US', features: [] },
          member: {
            user,
            roles: speaker.roles,
            permissions: '0',
            joined_at,
            flags: 0,
            deaf: false,
            mute: false,
          },
        }
  return {
    id,
    token,
    application_id: world.applicationId,
    type: interactionTypes[kind],
    version: 1,
    data,
    ...place,
    locale: 'en-US',
    app_permissions: '0',
    entitlements: [],
    authorizing_integration_owners: {},
    ...(source && { message: messageJson(world, source) }),
    attachment_size_limit: 10_485_760,
  }
}
