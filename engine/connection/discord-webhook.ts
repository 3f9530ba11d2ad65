import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrlProblem } from './outside-url.ts'

export const discordWebhookSettings = z.strictObject({
  /** A thread of the channel, or a post of a forum. */
  threadId: z
    .string()
    .regex(/^\d{5,20}$/, 'A thread id is all digits.')
    .nullable()
    .default(null),
})

export type DiscordWebhookSettings = z.infer<typeof discordWebhookSettings>

function webhookProblem(url: string): string | undefined {
  const isWebhook = /\/api(\/v\d+)?\/webhooks\/\d+\/[\w-]+\/?$/.test(URL.parse(url)?.pathname ?? '')
  return isWebhook
    ? undefined
    : 'Copy the whole URL from the settings of the channel: https://discord.com/api/webhooks/…'
}

export const discordWebhook = defineConnection<DiscordWebhookSettings>({
  kind: 'discord-webhook',
  label: 'Discord webhook',
  about:
    'Keeps one message for each alert up to date and writes a line for every turn; answers need the Discord app.',
  settings: discordWebhookSettings,
  secrets: [
    {
      name: 'url',
      label: 'Webhook URL',
      required: true,
      problem: (url) => outsideUrlProblem(url) ?? webhookProblem(url),
    },
  ],
  hostOf: (_settings, { url }) => (url === undefined ? undefined : originOf(url)),
})
