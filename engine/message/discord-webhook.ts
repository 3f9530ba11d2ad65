import { type DiscordMessage, renderDiscord, renderDiscordLine } from './discord.ts'
import type { Line } from './message.ts'
import { oneWay } from './one-way.ts'
import type { Tellable } from './subject.ts'

/** What "Execute Webhook" and "Edit Webhook Message" take of a message; buttons need the bot. */
export type DiscordWebhookMessage = Pick<DiscordMessage, 'content' | 'embeds' | 'allowed_mentions'>

export function renderDiscordWebhook(message: Tellable): DiscordWebhookMessage {
  const { actions, ...shown } = oneWay(message)
  const links = actions.flatMap((action) => (action.kind === 'link' ? [linkLine(action)] : []))
  return withoutButtons(renderDiscord({ ...shown, lines: [...shown.lines, ...links], actions: [] }))
}

/** A webhook cannot reply, so the line says what it is about. */
export function renderDiscordWebhookLine(message: Tellable, news: Line): DiscordWebhookMessage {
  return withoutButtons(renderDiscordLine([{ strong: message.headline.slice(0, 300) }, '\n', ...news]))
}

function withoutButtons({ content, embeds, allowed_mentions }: DiscordMessage): DiscordWebhookMessage {
  return { content, embeds, allowed_mentions }
}

function linkLine({ label, href }: { readonly label: string; readonly href: string }): Line {
  return [{ link: label, href }]
}
