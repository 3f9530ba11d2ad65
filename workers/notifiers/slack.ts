import type { webApi } from '@slack/bolt'
import { renderSlack, renderSlackLine } from '#engine/message/slack.ts'
import { DeliveryError, type Notifier, type Receipt } from './notifier.ts'
import { slackDeliveryError, slackRefusal } from './slack-refusal.ts'

export interface SlackNotifierSettings {
  readonly botToken: string
  readonly apiUrl?: string | undefined
}

/** Nobody is to be called by what telemetry says, and no link in it is to be opened by Slack. */
const asItIs = { link_names: false, parse: 'none' } as const
const withoutPreviews = { unfurl_links: false, unfurl_media: false } as const

/** The message may be gone or too old to edit; an alert must be seen, so it is posted anew. */
const beyondEditing = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed'])

/** Slack has no key for dropping doubles, so a post that timed out after it arrived can show up twice. */
export function slackNotifier(settings: SlackNotifierSettings): Notifier {
  const client = lazyClient(settings)

  async function post(
    channel: string,
    said: ReturnType<typeof renderSlack>,
    thread?: string,
  ): Promise<Receipt> {
    const { postMessage } = (await client()).chat
    const sent = await delivering(
      channel,
      postMessage({
        channel,
        ...said,
        ...asItIs,
        ...withoutPreviews,
        ...(thread !== undefined && { thread_ts: thread }),
      }),
    )
    return { channel: sent.channel ?? channel, ts: sent.ts ?? '' }
  }

  return {
    post: (address, message) => post(part(address, 'channel'), renderSlack(message)),

    update: async (receipt, message) => {
      const [channel, ts] = [part(receipt, 'channel'), part(receipt, 'ts')]
      const said = renderSlack(message)
      try {
        // Attachments that are not named stay as they were, hence the empty list.
        await (await client()).chat.update({ channel, ts, ...said, ...asItIs, attachments: [] })
        return undefined
      } catch (cause) {
        if (beyondEditing.has(slackRefusal(cause) ?? '')) return post(channel, said)
        throw slackDeliveryError(channel, cause)
      }
    },

    reply: async (receipt, line) => {
      await post(part(receipt, 'channel'), renderSlackLine(line), part(receipt, 'ts'))
    },
  }
}

async function delivering<T>(channel: string, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    throw slackDeliveryError(channel, cause)
  }
}

/** Bolt is large; a house without Slack never loads it. */
function lazyClient({ botToken, apiUrl }: SlackNotifierSettings): () => Promise<webApi.WebClient> {
  let client: Promise<webApi.WebClient> | undefined
  return () => (client ??= openClient(botToken, apiUrl))
}

/** The lane retries and paces by itself: the client must do neither. */
async function openClient(botToken: string, apiUrl: string | undefined): Promise<webApi.WebClient> {
  const { webApi } = await import('@slack/bolt')
  return new webApi.WebClient(botToken, {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    logLevel: webApi.LogLevel.ERROR,
    timeout: 10_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  })
}

function part(stored: Readonly<Record<string, string>>, name: string): string {
  const value = stored[name]
  if (value) return value
  throw new DeliveryError(`A stored Slack address or receipt has no ${name}`, { retry: 'never' })
}
