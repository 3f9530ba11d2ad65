import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { DiscordSettings } from './discord/app.ts'
import type { Front } from './front.ts'
import type { SlackSettings } from './slack/app.ts'
import type { TeamsSettings } from './teams/settings.ts'

export interface ChatSettings {
  readonly slack?: SlackSettings
  readonly teams?: TeamsSettings
  readonly discord?: DiscordSettings
}

export interface Chats {
  readonly names: readonly string[]
  close(): Promise<void>
}

interface OpenChat {
  readonly name: string
  close(): Promise<void>
}

/** Each chat's SDK is loaded only when its settings are there: they are heavy, and most houses use one. */
export async function openChats(
  app: FastifyInstance,
  { slack, teams, discord }: ChatSettings,
  front: Front,
): Promise<Chats> {
  const opened: OpenChat[] = []
  if (slack) opened.push(await openSlackDoor(app, slack, front))
  if (teams) opened.push(await openTeamsDoor(app, teams, front))
  if (discord) opened.push(await openDiscordDoor(discord, front))
  return {
    names: opened.map((chat) => chat.name),
    close: async () => {
      await Promise.all(opened.map((chat) => chat.close()))
    },
  }
}

async function openSlackDoor(app: FastifyInstance, settings: SlackSettings, front: Front): Promise<OpenChat> {
  const { openSlack } = await import('./slack/app.ts')
  const door = await openSlack(settings, front)
  const { handle } = door
  if (handle) handOver(app, '/slack/events', handle)
  return { name: `Slack (${door.mode})`, close: () => door.close() }
}

async function openTeamsDoor(app: FastifyInstance, settings: TeamsSettings, front: Front): Promise<OpenChat> {
  const { openTeams } = await import('./teams/app.ts')
  const door = await openTeams(settings, front)
  handOver(app, '/api/messages', (request, response) => door.handle(request, response))
  return { name: 'Microsoft Teams', close: () => door.close() }
}

async function openDiscordDoor(settings: DiscordSettings, front: Front): Promise<OpenChat> {
  const { openDiscord } = await import('./discord/app.ts')
  const door = await openDiscord(settings, front)
  return { name: 'Discord', close: () => door.close() }
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** A signature covers the bytes as they came, so the body is left unread for the door itself. */
function handOver(app: FastifyInstance, path: string, handle: Handle): void {
  void app.register(async (door) => {
    door.removeAllContentTypeParsers()
    door.addContentTypeParser('*', (_request, _payload, done) => done(null))
    door.post(path, { schema: { hide: true } }, async (request, reply) => {
      reply.hijack()
      await handle(request.raw, reply.raw)
    })
  })
}
