import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { slackManifest } from '../../manifests/slack.ts'

const text = (longest: number) => z.string().min(1).max(longest)
const url = z.url({ protocol: /^https$/ }).max(3000)
const names = z.array(text(50)).max(100)

/** The part of https://docs.slack.dev/reference/app-manifest we use; like Slack, it refuses what it does not know. */
const manifestSchema = z.strictObject({
  display_information: z.strictObject({
    name: text(35),
    description: text(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/i),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: text(80), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/),
          url: url.optional(),
          description: text(2000),
          usage_hint: text(1000),
          should_escape: z.boolean(),
        }),
      )
      .min(1)
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: names }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ request_url: url.optional(), bot_events: names }),
    interactivity: z.strictObject({ is_enabled: z.boolean(), request_url: url.optional() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
})

/** https://docs.slack.dev/reference/events: an event whose scope is missing is never sent. */
const scopeOf: Readonly<Record<string, string | undefined>> = {
  app_home_opened: undefined,
  app_mention: 'app_mentions:read',
  'message.im': 'im:history',
}

describe.each([
  ['Socket Mode', slackManifest()],
  ['HTTP', slackManifest({ publicUrl: 'https://alerts.example.com' })],
])('the Slack app for %s', (_, manifest) => {
  test('is what Slack takes', () => {
    expect(manifestSchema.safeParse(manifest).error?.issues).toBeUndefined()
  })

  test('asks for the scope of every event it wants to hear', () => {
    const { bot } = manifest.oauth_config.scopes
    const events = manifest.settings.event_subscriptions.bot_events
    expect(events.filter((event) => !(event in scopeOf))).toEqual([])
    expect(
      events.map((event) => scopeOf[event]).filter((scope) => scope !== undefined && !bot.includes(scope)),
    ).toEqual([])
    expect(bot).toEqual(expect.arrayContaining(['commands', 'chat:write']))
  })
})

test('Slack is told an address for everything it calls, or for nothing', () => {
  const addresses = ({ features, settings }: z.infer<typeof manifestSchema>) => [
    ...features.slash_commands.map((command) => command.url),
    settings.event_subscriptions.request_url,
    settings.interactivity.request_url,
  ]
  const socket = manifestSchema.parse(slackManifest())
  const http = manifestSchema.parse(slackManifest({ publicUrl: 'https://alerts.example.com' }))
  expect(new Set(addresses(socket))).toEqual(new Set([undefined]))
  expect(new Set(addresses(http))).toEqual(new Set(['https://alerts.example.com/slack/events']))
  expect([socket, http].map(({ settings }) => settings.socket_mode_enabled)).toEqual([true, false])
})
