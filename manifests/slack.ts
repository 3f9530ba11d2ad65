import { commandNames, commandWord, usage } from '#engine/command/registry.ts'

export interface SlackManifestOptions {
  /** Where Slack can reach us, e.g. `https://tocsin.example`; left out, the app uses Socket Mode. */
  readonly publicUrl?: string
}

/**
 * What "Create an app from a manifest" takes, https://docs.slack.dev/reference/app-manifest. The scopes are all the
 * door and the notifier use: write messages, hear the command, mentions and direct messages, and look up the names
 * of the alert channel and of whoever speaks.
 */
export function slackManifest({ publicUrl }: SlackManifestOptions = {}) {
  const requests = publicUrl === undefined ? {} : { url: new URL('/slack/events', publicUrl).href }
  const request = publicUrl === undefined ? {} : { request_url: requests.url }
  return {
    display_information: {
      name: 'Tocsin',
      description: 'Alerts you can settle right where you read them',
      background_color: '#1d1c1d',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Tocsin', always_online: true },
      slash_commands: [
        {
          command: `/${commandWord}`,
          ...requests,
          description: 'See and settle alerts',
          usage_hint: commandNames.map(usage).join(' | '),
          should_escape: false,
        },
      ],
    },
    oauth_config: {
      scopes: {
        bot: [
          'app_mentions:read',
          'channels:read',
          'chat:write',
          'commands',
          'groups:read',
          'im:history',
          'im:write',
          'users:read',
        ],
      },
    },
    settings: {
      event_subscriptions: { ...request, bot_events: ['app_home_opened', 'app_mention', 'message.im'] },
      interactivity: { is_enabled: true, ...request },
      org_deploy_enabled: false,
      socket_mode_enabled: publicUrl === undefined,
      token_rotation_enabled: false,
    },
  }
}
