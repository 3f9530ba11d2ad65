import { z } from 'zod'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { discordWebhookSettings } from '#engine/connection/discord-webhook.ts'
import {
  type DiscordWebhookMessage,
  renderDiscordWebhook,
  renderDiscordWebhookLine,
} from '#engine/message/discord-webhook.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { readAnswer } from '#workers/egress/read-answer.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError, type Notifier, type Receipt } from './notifier.ts'

const posted = z.object({ id: z.string().regex(/^\d{1,25}$/) })
const refusal = z.object({ code: z.number() })
const unknownMessage = 10_008

export function discordWebhookDriver(connection: OpenConnection, outside: Outside): Notifier {
  const { threadId } = discordWebhookSettings.parse(connection.settings)
  const send = async (method: 'POST' | 'PATCH', message: string | undefined, body: DiscordWebhookMessage) => {
    const url = addressOf(connection.secrets['url'] ?? '', message)
    // Without it failures are silent, and there is no id to edit.
    if (method === 'POST') url.searchParams.set('wait', 'true')
    if (threadId !== null) url.searchParams.set('thread_id', threadId)
    return outside.request({
      url: url.href,
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
  const post = async (body: DiscordWebhookMessage): Promise<Receipt> => {
    const answer = await send('POST', undefined, body)
    const refused = refusedBy(answer, outside.clock())
    if (refused) throw refused
    const message = readAnswer(posted, answer)?.id
    if (message !== undefined) return { message }
    throw new DeliveryError('Discord took the message but gave no id for it.', {
      retry: 'never',
      fault: 'client',
    })
  }
  return {
    post: async (_address, message) => post(renderDiscordWebhook(message)),
    update: async (receipt, message) => {
      const body = renderDiscordWebhook(message)
      const answer = await send('PATCH', receipt['message'] ?? '0', body)
      // People delete messages by hand; an alert must be seen.
      if (readAnswer(refusal, answer)?.code === unknownMessage) return post(body)
      const refused = refusedBy(answer, outside.clock())
      if (refused) throw refused
      return undefined
    },
    reply: async (_receipt, line, _deliveryId, message) => {
      await post(renderDiscordWebhookLine(message, line))
    },
  }
}

function addressOf(webhook: string, message: string | undefined): URL {
  const url = new URL(webhook)
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = message === undefined ? path : `${path}/messages/${encodeURIComponent(message)}`
  return url
}
