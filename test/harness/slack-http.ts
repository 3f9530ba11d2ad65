import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openSlack, type SlackDoor, type SlackSettings } from '#bot/slack/app.ts'
import { sign } from '#bot/slack/signature.ts'
import type { Front } from '#bot/front.ts'

export async function listen(server: Server): Promise<{ origin: string; close: () => Promise<void> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin: `http://127.0.0.1:${port}`, close }
}

/** A port of ours that passes everything on to a door opened later: Slack wants to know the address first. */
export async function openPorch() {
  const porch: { door?: SlackDoor } = {}
  const server = createServer((request, response) => void porch.door?.handle?.(request, response))
  const { origin, close } = await listen(server)
  return {
    url: `${origin}/slack/events`,
    open: async (settings: SlackSettings, front: Front) => (porch.door = await openSlack(settings, front)),
    close: async () => {
      await porch.door?.close()
      await close()
    },
  }
}

export interface SignedParts {
  readonly secret?: string
  /** Seconds, as Slack writes them; now when left out. */
  readonly timestamp?: string
  readonly signature?: string
  readonly contentType?: string
  readonly headers?: Record<string, string>
}

const form = 'application/x-www-form-urlencoded'

/** One request as Slack would send it, or as somebody would who wants to pass for Slack. */
export async function sendSigned(url: string, body: string, parts: SignedParts = {}): Promise<Response> {
  const timestamp = parts.timestamp ?? `${Math.floor(Date.now() / 1000)}`
  const headers = {
    'content-type': parts.contentType ?? form,
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': parts.signature ?? sign(parts.secret ?? 'first-secret', timestamp, body),
    ...parts.headers,
  }
  return fetch(url, { method: 'POST', headers, body })
}

export function slashCommand(text: string, parts: Record<string, string> = {}): string {
  return new URLSearchParams({
    command: '/alert',
    text,
    team_id: 'T0HOME',
    user_id: 'U0ALICE',
    user_name: 'alice',
    channel_id: 'C0ALERTS',
    trigger_id: randomUUID(),
    ...parts,
  }).toString()
}

function interaction(parts: Record<string, unknown>): string {
  return new URLSearchParams({
    payload: JSON.stringify({ ...someone, trigger_id: randomUUID(), ...parts }),
  }).toString()
}

const someone = {
  user: { id: 'U0ALICE', name: 'alice', team_id: 'T0HOME' },
  team: { id: 'T0HOME' },
}

export function click(action: Record<string, unknown>, parts: Record<string, unknown> = {}): string {
  return interaction({
    type: 'block_actions',
    container: { type: 'message', message_ts: '1.1', channel_id: 'C0ALERTS', is_ephemeral: false },
    channel: { id: 'C0ALERTS' },
    message: { ts: '1.1' },
    actions: [{ type: 'button', action_id: 'action-0', block_id: 'b', action_ts: '2.2', ...action }],
    ...parts,
  })
}

export function submission(values: Record<string, string>, parts: Record<string, unknown> = {}): string {
  const state = Object.entries(values).map(([name, value]) => [
    name,
    { [`${name}-1`]: { type: 'plain_text_input', value } },
  ])
  return interaction({
    type: 'view_submission',
    view: {
      id: 'V0FORM',
      type: 'modal',
      callback_id: 'form',
      private_metadata: 'draft-1',
      state: { values: Object.fromEntries(state) },
    },
    ...parts,
  })
}

export function event(parts: Record<string, unknown>, envelope: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: 'event_callback',
    team_id: 'T0HOME',
    event_id: randomUUID(),
    authorizations: [{ team_id: 'T0HOME', enterprise_id: null, user_id: 'U0BOT', is_bot: true }],
    event: { user: 'U0ALICE', ts: '3.3', event_ts: '3.3', channel: 'C0ALERTS', ...parts },
    ...envelope,
  })
}
