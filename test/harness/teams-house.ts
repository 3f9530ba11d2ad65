import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Front } from '#bot/front.ts'
import { openTeams } from '#bot/teams/app.ts'
import type { TeamsSettings } from '#bot/teams/settings.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import { teamsToken } from '#workers/notifiers/teams-token.ts'
import { teamsNotifier } from '#workers/notifiers/teams.ts'
import { teamsClient, type TeamsClient } from './teams-client.ts'
import { startTeamsConnector, type TeamsConnector } from './teams-connector.ts'
import { smallFront, type SmallFront } from './teams-front.ts'
import { startTeamsIdentity, type TeamsIdentityServer } from './teams-identity.ts'

export const teamsApp = { id: '11111111-2222-4333-8444-555555555555', secret: 'the-secret' }
export const homeTenant = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'

const account = {
  appId: teamsApp.id,
  appType: 'SingleTenant',
  tenantId: homeTenant,
  secret: teamsApp.secret,
  anonymousOnLoopback: false,
} as const

/** Microsoft's side on loopback: who signs, who grants tokens, and the Connector. */
export interface SimulatedTeams {
  readonly connector: TeamsConnector
  readonly identity: TeamsIdentityServer
  readonly notifier: Notifier
  close(): Promise<void>
}

export async function simulateTeams(): Promise<SimulatedTeams> {
  const [connector, identity] = await Promise.all([startTeamsConnector(teamsApp), startTeamsIdentity()])
  const { tokenUrl, origin } = connector
  return {
    connector,
    identity,
    notifier: teamsNotifier({ ...account, tokenUrl, serviceOrigins: [origin] }),
    close: async () => void (await Promise.all([connector.close(), identity.close()])),
  }
}

export interface OpenDoor {
  readonly messagesUrl: string
  close(): Promise<void>
}

/** The real door with the real botbuilder, behind a real port. */
export async function openTeamsDoor(settings: TeamsSettings, front: Front): Promise<OpenDoor> {
  const door = await openTeams(settings, front)
  const server = createServer((request, response) => void door.handle(request, response)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  return {
    messagesUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`,
    async close() {
      await door.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function simulatedSettings({ connector, identity }: SimulatedTeams): TeamsSettings {
  const token = teamsToken({ ...account, tokenUrl: connector.tokenUrl })
  const { openIdMetadataUrl } = identity
  return { ...account, allowedTenants: [], openIdMetadataUrl, accessToken: () => token.current() }
}

export function clientOf(
  teams: SimulatedTeams,
  { messagesUrl }: OpenDoor,
  conversation: string,
): TeamsClient {
  const { identity, connector } = teams
  const settings = {
    identity,
    appId: teamsApp.id,
    serviceUrl: connector.serviceUrl,
    messagesUrl,
    tenant: homeTenant,
  }
  return teamsClient(settings, conversation)
}

export interface TeamsHouse extends SimulatedTeams, OpenDoor, AsyncDisposable {
  readonly front: SmallFront
}

/** All of it before the small front, for what needs no database. */
export async function startTeamsHouse(changes: Partial<TeamsSettings> = {}): Promise<TeamsHouse> {
  const teams = await simulateTeams()
  const front = smallFront()
  const door = await openTeamsDoor({ ...simulatedSettings(teams), ...changes }, front)
  const close = async () => {
    await door.close()
    await teams.close()
  }
  return { ...teams, messagesUrl: door.messagesUrl, front, close, [Symbol.asyncDispose]: close }
}
