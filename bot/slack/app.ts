import { App, HTTPReceiver, SocketModeReceiver, webApi, type Receiver } from '@slack/bolt'
import type { Front } from '#bot/front.ts'
import { boltLog } from './bolt-log.ts'
import { hearClicks } from './clicks.ts'
import { clientOptions } from './client-options.ts'
import { hearCommands } from './commands.ts'
import type { Reception } from './reception.ts'
import { hearForms } from './forms.ts'
import { guardedFetch } from './guarded-fetch.ts'
import { hearHome } from './home.ts'
import { hearMentions } from './mentions.ts'
import { receiveSigned, type Handle } from './receive.ts'
import { Recent } from './recent.ts'
import { stayConnected } from './socket.ts'
import { refuseForeignRequest } from './strangers.ts'
import { findChannel, isServed, learnWorkspace } from './workspace.ts'

export interface SlackSettings {
  readonly botToken: string
  /** Every secret in force; two while one is being replaced. Not needed in Socket Mode. */
  readonly signingSecrets: readonly string[]
  /** Present: Socket Mode. Absent: Slack calls us over HTTP. */
  readonly appToken?: string | undefined
  /** Where alerts go: a channel id, or the name of a channel the bot is in. */
  readonly channel: string
  readonly apiUrl?: string | undefined
  /** User ids that may act; absent, every member of the workspace may. */
  readonly responders?: readonly string[] | undefined
  /** Hosts a response_url may lead to besides Slack's own. */
  readonly allowedResponseHosts?: readonly string[] | undefined
}

export interface SlackDoor {
  readonly mode: 'http' | 'socket'
  readonly teamId: string
  /** HTTP mode only: for POST /slack/events with the body unread, because the signature covers its very bytes. */
  readonly handle?: Handle
  close(): Promise<void>
}

export async function openSlack(settings: SlackSettings, front: Front): Promise<SlackDoor> {
  const log = front.log.child({ surface: 'slack' })
  const wires: Wires = {
    fetch: guardedFetch(settings.apiUrl, settings.allowedResponseHosts ?? []),
    logger: boltLog(log),
    apiUrl: settings.apiUrl,
  }
  const client = new webApi.WebClient(settings.botToken, clientOptions(wires))
  const workspace = await learnWorkspace(client)
  const place = await findChannel(client, settings.channel)
  const reception: Reception = {
    front,
    client,
    workspace,
    responders: settings.responders && new Set(settings.responders),
    handled: new Recent({ forMs: 10 * 60_000, atMost: 20_000, now: Date.now }),
    openers: new Recent({ forMs: 30 * 60_000, atMost: 2_000, now: Date.now }),
    names: new Recent({ forMs: 60 * 60_000, atMost: 2_000, now: Date.now }),
    log,
  }
  const open = settings.appToken === undefined ? openHttp : openSocket
  const door = await open(settings, reception, wires)
  await front.rememberPlace(place)
  return door
}

interface Wires {
  readonly fetch: webApi.FetchFunction
  readonly logger: ReturnType<typeof boltLog>
  readonly apiUrl: string | undefined
}

async function openSocket(settings: SlackSettings, reception: Reception, wires: Wires): Promise<SlackDoor> {
  const receiver = new SocketModeReceiver({
    appToken: settings.appToken ?? '',
    logger: wires.logger,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions(wires) },
  })
  openApp(receiver, settings, reception, wires)
  const close = await stayConnected(receiver.client, reception.log)
  return { mode: 'socket', teamId: reception.workspace.teamId, close }
}

/** One receiver of Bolt's per secret, because each knows only one; all of them hand over to the same app. */
async function openHttp(settings: SlackSettings, reception: Reception, wires: Wires): Promise<SlackDoor> {
  const receivers = settings.signingSecrets.map(
    (signingSecret) => [signingSecret, new HTTPReceiver({ signingSecret, logger: wires.logger })] as const,
  )
  const [first, ...others] = receivers
  if (!first) {
    throw new Error(
      'SLACK_SIGNING_SECRET is missing: without SLACK_APP_TOKEN Slack calls over HTTP, and signs its calls',
    )
  }
  const app = openApp(first[1], settings, reception, wires)
  for (const [, receiver] of others) receiver.init(app)
  const listeners = new Map(receivers.map(([secret, receiver]) => [secret, receiver.requestListener]))
  const handle = receiveSigned(listeners, reception)
  return { mode: 'http', teamId: reception.workspace.teamId, handle, close: async () => {} }
}

function openApp(receiver: Receiver, settings: SlackSettings, reception: Reception, wires: Wires): App {
  const { workspace } = reception
  const app = new App({
    receiver,
    logger: wires.logger,
    clientOptions: clientOptions(wires),
    convoStore: false,
    extendedErrorHandler: true,
    attachFunctionToken: false,
    /** Bolt runs no listener for a request whose workspace this refuses. */
    authorize: async (origin) => {
      if (!isServed(workspace, origin))
        throw new Error('it comes from a workspace this app is not installed in')
      return {
        botToken: settings.botToken,
        ...(workspace.botId !== undefined && { botId: workspace.botId }),
        ...(workspace.botUserId !== undefined && { botUserId: workspace.botUserId }),
      }
    },
  })
  app.error(refuseForeignRequest(reception, wires.fetch))
  for (const hear of [hearCommands, hearClicks, hearForms, hearHome, hearMentions]) hear(app, reception)
  return app
}
