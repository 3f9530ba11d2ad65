import type {
  ChatInputCommandInteraction,
  InteractionReplyOptions,
  MessageComponentInteraction,
  ModalSubmitInteraction,
} from 'discord.js'
import type { DiscordMessage } from '#engine/message/discord.ts'

export type Heard = ChatInputCommandInteraction | MessageComponentInteraction | ModalSubmitInteraction

/** How one interaction may be answered. Everything is shown to the person alone, and each shows at most one thing. */
export interface Reply {
  /** Keeps the interaction alive for 15 minutes. No modal can be opened after it. */
  defer(): Promise<void>
  show(body: DiscordMessage): Promise<void>
  /** For a press whose effect is seen elsewhere. */
  nothing(): Promise<void>
}

/** A new private message: what a typed command, or a form opened by one, is answered with. */
export function replyAnew(heard: Heard): Reply {
  return {
    defer: async () => void (await heard.deferReply({ flags: 'Ephemeral' })),
    show: async (body) => {
      await (heard.deferred ? heard.editReply(options(body)) : heard.reply(privately(body)))
    },
    nothing: () => Promise.resolve(),
  }
}

/** A private message beside the pressed one, which itself is not touched. */
export function replyBeside(pressed: MessageComponentInteraction): Reply {
  const defer = async () => void (await pressed.deferUpdate())
  return {
    defer,
    show: (body) => whisper(pressed, body),
    nothing: () => (pressed.deferred ? Promise.resolve() : defer()),
  }
}

/** In place of the private page that was pressed. */
export function replyInPlace(pressed: MessageComponentInteraction | ModalSubmitInteraction): Reply {
  const defer = async () => void (await pressed.deferUpdate())
  const show = async (body: DiscordMessage) => {
    if (!pressed.deferred && !pressed.isModalSubmit()) await pressed.update(options(body))
    else if (!pressed.deferred && pressed.isModalSubmit() && pressed.isFromMessage())
      await pressed.update(options(body))
    else await pressed.editReply(options(body))
  }
  const nothing = () => (pressed.deferred ? Promise.resolve() : defer())
  return { defer, show, nothing }
}

/** A private message that takes no other's place; Discord lets it fill one that was only announced by a `deferReply`. */
export async function whisper(heard: Heard, body: DiscordMessage): Promise<void> {
  await (heard.deferred || heard.replied ? heard.followUp(privately(body)) : heard.reply(privately(body)))
}

function options({ content, embeds, components }: DiscordMessage) {
  return { content, embeds, components, allowedMentions: { parse: [] } }
}

function privately(body: DiscordMessage): InteractionReplyOptions {
  return { ...options(body), flags: 'Ephemeral' }
}
