import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrlProblem } from './outside-url.ts'

/** The channel belongs to the URL: `channel` and `username`, which old integrations took, are ignored by today's. */
const slackWebhookSettings = z.strictObject({})

export const slackWebhook = defineConnection<z.infer<typeof slackWebhookSettings>>({
  kind: 'slack-webhook',
  label: 'Slack incoming webhook',
  about:
    'Writes a new message for every turn of an alert; the Slack app edits one message and takes answers.',
  settings: slackWebhookSettings,
  secrets: [{ name: 'url', label: 'Webhook URL', required: true, problem: outsideUrlProblem }],
  hostOf: (_settings, { url }) => (url === undefined ? undefined : originOf(url)),
})
