import { complaintsAboutMessage, complaintsAboutModal } from './discord-limits.ts'

type Json = Record<string, unknown>

export interface FakeMessage {
  readonly id: string
  readonly channelId: string
  readonly createdAt: number
  readonly referenceId: string | undefined
  /** Seen by one person only, and not part of the channel. */
  readonly isEphemeral: boolean
  readonly nonce: unknown
  isDeferred: boolean
  edits: number
  content: string
  embeds: readonly Json[]
  components: readonly Json[]
  flags: number
  allowedMentions: unknown
}

export interface FakeInteraction {
  readonly id: string
  readonly token: string
  readonly createdAt: number
  readonly kind: 'command' | 'press' | 'modal'
  /** The message that was pressed, or whose button opened the modal. */
  readonly source: FakeMessage | undefined
  /** What the app answered, by Discord's callback types; undefined until it did. */
  callback: number | undefined
  modal: Json | undefined
  /** What `@original` means for this interaction. */
  original: FakeMessage | undefined
  readonly followUps: FakeMessage[]
}

/** What Discord says no with. `retryAfterSeconds` goes with status 429. */
export class Refusal extends Error {
  readonly status: number
  readonly code: number
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: number, message: string, retryAfterSeconds?: number) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export const flag = { ephemeral: 64, loading: 128 } as const
const answer = { message: 4, deferredMessage: 5, deferredUpdate: 6, update: 7, modal: 9 } as const
const oldMessageMs = 3_600_000

/** The state of one server, and the rules by which an app may change it. */
export class FakeWorld {
  readonly applicationId = '1000'
  readonly botId = '1001'
  readonly guild = { id: '2000', name: 'Acme' }
  readonly channel = { id: '300000000000003000', name: 'alerts' }
  readonly messages = new Map<string, FakeMessage>()
  readonly interactions = new Map<string, FakeInteraction>()
  commands: readonly Json[] = []
  /** How often the app sent the command set. */
  commandWrites = 0
  botMay: 'everything' | 'see nothing' | 'not write' = 'everything'
  /** Edits that a message older than an hour still allows. */
  oldEditsLeft = 2
  private lastId = 9000
  private skippedMs = 0

  now(): number {
    return Date.now() + this.skippedMs
  }

  skip(ms: number): void {
    this.skippedMs += ms
  }

  nextId(): string {
    this.lastId += 1
    return String(this.lastId)
  }

  newInteraction(kind: FakeInteraction['kind'], source?: FakeMessage): FakeInteraction {
    const id = this.nextId()
    const interaction: FakeInteraction = {
      id,
      token: `token-${id}`,
      createdAt: this.now(),
      kind,
      source,
      followUps: [],
      callback: undefined,
      modal: undefined,
      original: undefined,
    }
    this.interactions.set(interaction.token, interaction)
    return interaction
  }

  post(channelId: string, body: Json): FakeMessage {
    this.checkAccess(channelId)
    const double = [...this.messages.values()].find(
      ({ nonce }) => nonce !== undefined && nonce === body['nonce'],
    )
    if (double && body['enforce_nonce'] === true) return double
    return this.addMessage(channelId, body, { isEphemeral: false })
  }

  edit(channelId: string, messageId: string, body: Json): FakeMessage {
    this.checkAccess(channelId)
    const message = this.messages.get(messageId)
    if (!message || message.isEphemeral) throw new Refusal(404, 10_008, 'Unknown Message')
    if (this.now() - message.createdAt > oldMessageMs) {
      const text = 'Maximum number of edits to messages older than 1 hour reached. Try again later'
      if (this.oldEditsLeft === 0) throw new Refusal(429, 30_046, text, 600)
      this.oldEditsLeft -= 1
    }
    return change(message, body)
  }

  callback(id: string, token: string, { type, data = {} }: { type: number; data?: Json }): void {
    const interaction = this.interactions.get(token)
    if (!interaction || interaction.id !== id || this.now() - interaction.createdAt > 3000) {
      throw new Refusal(404, 10_062, 'Unknown interaction')
    }
    if (interaction.callback !== undefined) {
      throw new Refusal(400, 40_060, 'Interaction has already been acknowledged.')
    }
    this.answer(interaction, type, data)
    interaction.callback = type
  }

  editOriginal(token: string, body: Json): FakeMessage {
    const { original } = this.acknowledged(token)
    if (!original) throw new Refusal(404, 10_008, 'Unknown Message')
    return change(original, body)
  }

  followUp(token: string, body: Json): FakeMessage {
    const interaction = this.acknowledged(token)
    // As documented, the first follow-up of a deferred message fills that message.
    if (interaction.original?.isDeferred) return change(interaction.original, body)
    const isEphemeral = (Number(body['flags'] ?? 0) & flag.ephemeral) > 0
    const message = this.addMessage(this.channel.id, body, { isEphemeral })
    interaction.followUps.push(message)
    return message
  }

  private acknowledged(token: string): FakeInteraction {
    const interaction = this.interactions.get(token)
    if (!interaction || interaction.callback === undefined) throw new Refusal(404, 10_015, 'Unknown Webhook')
    if (this.now() - interaction.createdAt > 900_000) throw new Refusal(401, 50_027, 'Invalid Webhook Token')
    return interaction
  }

  private answer(interaction: FakeInteraction, type: number, data: Json): void {
    const isEphemeral = (Number(data['flags'] ?? 0) & flag.ephemeral) > 0
    if (type === answer.message) {
      interaction.original = this.addMessage(this.channel.id, data, { isEphemeral })
    } else if (type === answer.deferredMessage) {
      interaction.original = this.addMessage(this.channel.id, data, { isEphemeral, isDeferred: true })
    } else if ((type === answer.deferredUpdate || type === answer.update) && interaction.source) {
      interaction.original = interaction.source
      if (type === answer.update) change(interaction.source, data)
    } else if (type === answer.modal && interaction.kind !== 'modal') {
      refuseInvalid(complaintsAboutModal(data))
      interaction.modal = data
    } else {
      throw new Refusal(
        400,
        50_035,
        `Invalid Form Body: a ${interaction.kind} cannot be answered with type ${type}`,
      )
    }
  }

  private addMessage(
    channelId: string,
    body: Json,
    { isEphemeral, isDeferred = false }: { isEphemeral: boolean; isDeferred?: boolean },
  ): FakeMessage {
    if (!isDeferred) refuseInvalid(complaintsAboutMessage(body))
    const message: FakeMessage = {
      id: this.nextId(),
      channelId,
      createdAt: this.now(),
      isEphemeral,
      isDeferred,
      edits: 0,
      referenceId: this.referenceOf(body),
      nonce: body['nonce'],
      allowedMentions: body['allowed_mentions'],
      content: (body['content'] ?? '') as string,
      embeds: (body['embeds'] ?? []) as Json[],
      components: (body['components'] ?? []) as Json[],
      flags: Number(body['flags'] ?? 0),
    }
    this.messages.set(message.id, message)
    return message
  }

  private referenceOf(body: Json): string | undefined {
    const reference = body['message_reference'] as Json | undefined
    if (!reference) return undefined
    const id = String(reference['message_id'])
    if (this.messages.has(id)) return id
    if (reference['fail_if_not_exists'] === false) return undefined
    throw new Refusal(400, 50_035, 'Invalid Form Body: message_reference: Unknown message')
  }

  private checkAccess(channelId: string): void {
    if (channelId !== this.channel.id) throw new Refusal(404, 10_003, 'Unknown Channel')
    if (this.botMay === 'see nothing') throw new Refusal(403, 50_001, 'Missing Access')
    if (this.botMay === 'not write') throw new Refusal(403, 50_013, 'Missing Permissions')
  }
}

/** An edit changes what it names and leaves the rest. */
function change(message: FakeMessage, body: Json): FakeMessage {
  const { content = message.content, embeds = message.embeds, components = message.components } = body
  refuseInvalid(complaintsAboutMessage({ content, embeds, components }))
  message.content = (content ?? '') as string
  message.embeds = embeds as Json[]
  message.components = components as Json[]
  message.allowedMentions = body['allowed_mentions']
  message.isDeferred = false
  message.edits += 1
  return message
}

function refuseInvalid(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new Refusal(400, 50_035, `Invalid Form Body: ${complaints.join('; ')}`)
}
