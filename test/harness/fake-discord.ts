import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FakeGateway, fakeGateway } from './fake-discord-gateway.ts'
import { guildJson, userJson } from './fake-discord-payloads.ts'
import { type FakePerson, fakePerson } from './fake-discord-people.ts'
import { fakeRest, type RestTrouble } from './fake-discord-rest.ts'
import { type FakeMessage, FakeWorld } from './fake-discord-world.ts'

export const fakeToken = 'fake.discord.token'
export const responderRoleId = '5000'

export interface FakeDiscord extends RestTrouble {
  readonly apiUrl: string
  readonly world: FakeWorld
  readonly gateway: FakeGateway
  /** What stands in the alerts channel for everyone, oldest first. */
  channelMessages(): FakeMessage[]
  person(name: string, at?: { roles?: readonly string[]; guildId?: string | null }): FakePerson
  close(): Promise<void>
}

/**
 * A small Discord on loopback: REST and gateway over one state, with the rules an app must keep. It is spoken to by the
 * real discord.js.
 */
export async function openFakeDiscord(): Promise<FakeDiscord> {
  const world = new FakeWorld()
  const trouble: RestTrouble = { next: [], log: [] }
  let port = 0
  const gatewayUrl = () => `ws://127.0.0.1:${port}`
  const rest = fakeRest(world, trouble, { token: fakeToken, gatewayUrl })
  const server = createServer((request, response) => {
    rest(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const gateway = fakeGateway(server, { token: fakeToken, url: gatewayUrl, onReady: () => greeting(world) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  return {
    ...trouble,
    apiUrl: `http://127.0.0.1:${port}/api`,
    world,
    gateway,
    channelMessages: () => [...world.messages.values()].filter((message) => !message.isEphemeral),
    person: (name, { roles = [], guildId = world.guild.id } = {}) =>
      fakePerson(world, gateway, { id: world.nextId(), name, roles, guildId }),
    close: async () => {
      gateway.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function greeting(world: FakeWorld) {
  return {
    ready: {
      user: userJson(world.botId, 'Tocsin', true),
      guilds: [{ id: world.guild.id, unavailable: true }],
      application: { id: world.applicationId, flags: 0 },
    },
    events: [{ event: 'GUILD_CREATE', data: guildJson(world, [responderRoleId]) }],
  }
}
