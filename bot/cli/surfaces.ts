import type { DiscordSettings } from '#bot/discord/app.ts'
import type { SlackSettings } from '#bot/slack/app.ts'
import type { TeamsSettings } from '#bot/teams/settings.ts'
import type { Database } from '#db/client.ts'
import type { Surface } from '#engine/person.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import { localNotifier } from '#workers/notifiers/local.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'
import { teamsNotifier } from '#workers/notifiers/teams.ts'
import type { Settings } from './environment.ts'

/** Which chats there are besides the local one, from what the environment holds. */
export interface Surfaces {
  readonly slack?: SlackSettings
  readonly teams?: TeamsSettings
  readonly discord?: DiscordSettings
}

export function surfacesOf(settings: Settings): Surfaces {
  const slack = slackOf(settings)
  const teams = teamsOf(settings)
  const discord = discordOf(settings)
  return { ...(slack && { slack }), ...(teams && { teams }), ...(discord && { discord }) }
}

export function notifiersOf(
  surfaces: Surfaces,
  db: Database,
  clock: () => Date,
): Partial<Record<Surface, Notifier>> {
  return {
    local: localNotifier(db, clock),
    ...(surfaces.slack && { slack: slackNotifier(surfaces.slack) }),
    ...(surfaces.teams && { teams: teamsNotifier(surfaces.teams) }),
    ...(surfaces.discord && { discord: discordNotifier(surfaces.discord) }),
  }
}

function slackOf(settings: Settings): SlackSettings | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel } = settings
  if (botToken === undefined || channel === undefined) return undefined
  const apiUrl = settings.SLACK_API_URL
  return {
    botToken,
    channel,
    signingSecrets: settings.SLACK_SIGNING_SECRET ?? [],
    appToken: settings.SLACK_APP_TOKEN,
    responders: settings.SLACK_RESPONDERS,
    apiUrl,
    ...(apiUrl !== undefined && { allowedResponseHosts: [new URL(apiUrl).host] }),
  }
}

function teamsOf(settings: Settings): TeamsSettings | undefined {
  const { TEAMS_APP_ID: appId, TEAMS_ANONYMOUS: anonymous = false } = settings
  if (appId === undefined && !anonymous) return undefined
  return {
    appId: appId ?? '',
    appType: settings.TEAMS_APP_TYPE ?? 'SingleTenant',
    tenantId: settings.TEAMS_TENANT_ID ?? '',
    secret: settings.TEAMS_SECRET ?? '',
    allowedTenants: settings.TEAMS_ALLOWED_TENANTS ?? [],
    anonymousOnLoopback: anonymous,
    personalAlerts: settings.TEAMS_PERSONAL_ALERTS ?? false,
  }
}

function discordOf(settings: Settings): DiscordSettings | undefined {
  const { DISCORD_TOKEN: token, DISCORD_CHANNEL_ID: channelId } = settings
  if (token === undefined || channelId === undefined) return undefined
  return {
    token,
    channelId,
    ...(settings.DISCORD_GUILD_ID !== undefined && { guildId: settings.DISCORD_GUILD_ID }),
    ...(settings.DISCORD_RESPONDER_ROLES && { responderRoleIds: settings.DISCORD_RESPONDER_ROLES }),
    ...(settings.DISCORD_API_URL !== undefined && { apiUrl: settings.DISCORD_API_URL }),
  }
}
