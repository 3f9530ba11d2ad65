import type { IncomingMessage } from 'node:http'
import type { Front } from '#bot/front.ts'
import { stranger } from '#engine/audit.ts'
import type { Actor } from '#engine/person.ts'
import { readActivity, tenantsOf } from './activity.ts'
import type { TeamsActivity } from './activity.ts'
import { openConnector, Unauthenticated } from './botbuilder.ts'
import type { ActivityJson, Connector, InvokeAnswer } from './botbuilder.ts'
import { isFromThisMachine, isLoopback } from './loopback.ts'
import { onceEach } from './once.ts'
import { readJson } from './read-json.ts'
import { Refused } from './refused.ts'
import { admission } from './settings.ts'
import type { Admission, TeamsDoor, TeamsSettings } from './settings.ts'
import { takeTurn } from './turn.ts'
import type { Desk } from './turn.ts'

interface Entrance {
  readonly admitted: Admission
  readonly connector: Connector
  readonly desk: Desk
}

export async function openTeams(settings: TeamsSettings, front: Front): Promise<TeamsDoor> {
  const admitted = admission(settings)
  const entrance: Entrance = {
    admitted,
    connector: await openConnector(settings),
    desk: { front, once: onceEach(front.clock), personalAlerts: settings.personalAlerts ?? false },
  }
  const underWay = new Set<Promise<InvokeAnswer>>()
  return {
    async handle(request, response) {
      // Known as long as the connection lives.
      const from = stranger(request.socket.remoteAddress)
      const answer = enter(request, entrance).catch((error: unknown) => refuse(error, from, front))
      underWay.add(answer)
      const { status, body } = await answer
      underWay.delete(answer)
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    },
    async close() {
      await Promise.all(underWay)
    },
  }
}

async function enter(
  request: IncomingMessage,
  { admitted, connector, desk }: Entrance,
): Promise<InvokeAnswer> {
  if (!admitted.authenticated && !isFromThisMachine(request)) {
    throw new Refused(401, 'without an app id only this machine may speak to us')
  }
  const json = await readJson(request)
  const activity = readActivity(json)
  if (!activity) throw new Refused(400, 'the body is not an activity of Teams')
  if (!admitted.authenticated && !isLoopback(new URL(activity.serviceUrl).hostname)) {
    throw new Refused(403, 'without an app id replies go to this machine only')
  }
  return connector.receive(request.headers.authorization ?? '', json as ActivityJson, async (turn) => {
    assertTenant(activity, admitted)
    return takeTurn(activity, turn, desk)
  })
}

/** A valid token proves that Teams speaks, not for whom: anyone can install a bot whose id they know. */
function assertTenant(activity: TeamsActivity, { tenants }: Admission): void {
  if (tenants === 'anyone') return
  const named = tenantsOf(activity)
  if (named.length > 0 && named.every((tenant) => tenants.has(tenant))) return
  throw new Refused(403, `tenant ${named.join(', ') || '(none)'} is not one of the allowed tenants`)
}

function refuse(error: unknown, actor: Actor, front: Front): InvokeAnswer {
  const { log } = front
  const note = (because: string) =>
    front.noteRefusal({
      door: 'teams',
      actor,
      what: 'a request to /api/messages',
      because,
    })
  if (error instanceof Refused) {
    log.warn({ reason: error.message }, 'Refused a request to /api/messages')
    if (error.status !== 400) note(error.message)
    return { status: error.status }
  }
  if (error instanceof Unauthenticated) {
    log.warn(
      { err: error },
      'Refused a request to /api/messages: its token does not prove that Teams sent it',
    )
    note('its token does not prove that Teams sent it')
    return { status: 401 }
  }
  log.error({ err: error }, 'A request to /api/messages failed')
  return { status: 500 }
}
