import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openTeams } from '#bot/teams/app.ts'
import type { TeamsSettings } from '#bot/teams/settings.ts'
import { teamsToken } from '#workers/notifiers/teams-token.ts'
import { startTeamsConnector, type TeamsConnector } from './teams-connector.ts'
import { smallFront, type SmallFront } from './teams-front.ts'
import { startTeamsIdentity, type TeamsIdentityServer } from './teams-identity.ts'

export const teamsApp = { id: '11111111-2222-4333-8444-555555555555', secret: 'the-secret' }
export const homeTenant = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'

export interface TeamsHouse extends AsyncDisposable {
  readonly front: SmallFront
  readonly connector: TeamsConnector
  readonly identity: TeamsIdentityServer
  readonly messagesUrl: string
}

/** The real door with the real botbuilder behind a real port; Microsoft's side of it is simulated on loopback. */
export async function startTeamsHouse(changes: Partial<TeamsSettings> = {}): Promise<TeamsHouse> {
  const [connector, identity] = await Promise.all([startTeamsConnector(teamsApp), startTeamsIdentity()])
  const front = smallFront()
  const account = {
    appId: teamsApp.id,
    appType: 'SingleTenant',
    tenantId: homeTenant,
    secret: teamsApp.secret,
  } as const
  const token = teamsToken({ ...account, tokenUrl: connector.tokenUrl })
  const door = await openTeams(
    {
      ...account,
      allowedTenants: [],
      anonymousOnLoopback: false,
      openIdMetadataUrl: identity.openIdMetadataUrl,
      accessToken: () => token.current(),
      ...changes,
    },
    front,
  )
  const server = createServer((request, response) => void door.handle(request, response)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  return {
    front,
    connector,
    identity,
    messagesUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`,
    async [Symbol.asyncDispose]() {
      await door.close()
      server.closeAllConnections()
      server.close()
      await Promise.all([once(server, 'close'), connector.close(), identity.close()])
    },
  }
}
