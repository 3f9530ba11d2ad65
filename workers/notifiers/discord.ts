import { createHash } from 'node:crypto'
import { type DiscordMessage, renderDiscord, renderDiscordLine } from '#engine/message/discord.ts'
import {
  discordCode,
  type DiscordRest,
  openDiscordRest,
  tooManyOldEdits,
  unknownMessage,
} from './discord-rest.ts'
import { type Address, DeliveryError, type Notifier, type Receipt } from './notifier.ts'

export interface DiscordNotifierSettings {
  readonly token: string
  /** Another address than Discord's own, for tests. */
  readonly apiUrl?: string
}

export function discordNotifier({ token, apiUrl }: DiscordNotifierSettings): Notifier {
  let opened: Promise<DiscordRest> | undefined
  const open = () => (opened ??= openDiscordRest(token, apiUrl))
  const post = async (channel: string, body: object, key: string) => {
    const rest = await open()
    return readReceipt(channel, await rest.send('post', messagesPath(channel), { ...body, ...nonce(key) }))
  }
  return {
    answersDoublesWithTheFirst: true,
    post: async (address, message, deliveryId) =>
      post(channelOf(address), renderDiscord(message), deliveryId),
    update: async (receipt, message) => {
      const body = renderDiscord(message)
      try {
        await (await open()).send('patch', messagePath(receipt), body)
        return undefined
      } catch (error) {
        // Edits of messages older than an hour are rationed, and people delete messages by hand.
        const mustPostAnew = [tooManyOldEdits, unknownMessage].includes(discordCode(error) ?? 0)
        if (!mustPostAnew) throw error
        return post(channelOf(receipt), { ...body, ...referTo(receipt) }, JSON.stringify([receipt, body]))
      }
    },
    reply: async (receipt, line, deliveryId) => {
      await post(channelOf(receipt), { ...asReply(renderDiscordLine(line)), ...referTo(receipt) }, deliveryId)
    },
    close: async () => (await opened)?.close(),
  }
}

function channelOf(address: Address): string {
  const channel = address['channel']
  if (channel) return channel
  throw new DeliveryError('This Discord destination has no channel id. Set it up again.', { retry: 'never' })
}

function messagesPath(channel: string): `/${string}` {
  return `/channels/${encodeURIComponent(channel)}/messages`
}

function messagePath(receipt: Receipt): `/${string}` {
  return `${messagesPath(channelOf(receipt))}/${encodeURIComponent(receipt['message'] ?? '')}`
}

function readReceipt(channel: string, posted: unknown): Receipt {
  const id = posted && typeof posted === 'object' && 'id' in posted ? posted.id : undefined
  if (typeof id === 'string') return { channel, message: id }
  throw new DeliveryError('Discord took the message but gave no id for it.', { retry: 'never' })
}

/** At most 25 characters. For a few minutes Discord answers a second post of the same nonce with the first message. */
function nonce(key: string): object {
  const digest = createHash('sha256').update(key).digest('base64url')
  return { nonce: digest.slice(0, 25), enforce_nonce: true }
}

/** A reply needs no further permission, as opening a thread does, and it outlives the message it refers to. */
function referTo(receipt: Receipt): object {
  return { message_reference: { message_id: receipt['message'], fail_if_not_exists: false } }
}

const suppressEmbeds = 4

function asReply(body: DiscordMessage): object {
  return { ...body, flags: suppressEmbeds, allowed_mentions: { parse: [], replied_user: false } }
}
