import { webApi } from '@slack/bolt'
import type { Place } from '#bot/front.ts'

/** The one workspace this door serves (or the whole organization, where the app is installed for all of it). */
export interface Workspace {
  readonly teamId: string
  readonly enterpriseId?: string
  readonly isWholeOrganization: boolean
  readonly botId?: string
  readonly botUserId?: string
}

export async function learnWorkspace(client: webApi.WebClient): Promise<Workspace> {
  const found = await client.auth.test().catch((cause: unknown) => {
    throw new Error(tokenProblem(cause), { cause })
  })
  const tenant = found.team_id ?? found.enterprise_id
  if (tenant === undefined) throw new Error('Slack did not say which workspace SLACK_BOT_TOKEN belongs to')
  return {
    teamId: tenant,
    isWholeOrganization: found.is_enterprise_install === true,
    ...(found.enterprise_id !== undefined && { enterpriseId: found.enterprise_id }),
    ...(found.bot_id !== undefined && { botId: found.bot_id }),
    ...(found.user_id !== undefined && { botUserId: found.user_id }),
  }
}

function tokenProblem(cause: unknown): string {
  if (cause instanceof webApi.WebAPIPlatformError) {
    return (
      `SLACK_BOT_TOKEN was refused by Slack (${cause.data.error}). ` +
      'Expected the "Bot User OAuth Token" of the app, which begins with xoxb-; reinstall the app to get a new one.'
    )
  }
  return 'Slack could not be reached to check SLACK_BOT_TOKEN; check the network, or SLACK_API_URL if it is set'
}

export function isServed(
  workspace: Workspace,
  origin: { readonly teamId?: string | undefined; readonly enterpriseId?: string | undefined },
): boolean {
  if (origin.teamId === workspace.teamId) return true
  return (
    workspace.isWholeOrganization &&
    workspace.enterpriseId !== undefined &&
    origin.enterpriseId === workspace.enterpriseId
  )
}

/** Ids are upper case, names never are. A name is looked for among the few channels the bot is in, not in all. */
export async function findChannel(client: webApi.WebClient, wanted: string): Promise<Place> {
  if (/^[A-Z0-9]{4,}$/u.test(wanted)) return place(wanted, await channelName(client, wanted))
  const name = wanted.replace(/^#/u, '')
  const pages = client.paginate('users.conversations', {
    types: 'public_channel,private_channel',
    limit: 200,
  })
  for await (const page of pages as AsyncIterable<webApi.UsersConversationsResponse>) {
    const channel = page.channels?.find((channel) => channel.name === name)
    if (channel?.id !== undefined) return place(channel.id, `#${name}`)
  }
  throw new Error(
    `SLACK_CHANNEL is "${wanted}", and the bot is in no channel of that name. ` +
      'Invite it there (/invite @Tocsin), or give the channel id found at the end of its "About" tab.',
  )
}

async function channelName(client: webApi.WebClient, id: string): Promise<string> {
  try {
    const { channel } = await client.conversations.info({ channel: id })
    return channel?.name === undefined ? id : `#${channel.name}`
  } catch (cause) {
    const refusal = cause instanceof webApi.WebAPIPlatformError ? cause.data.error : undefined
    if (refusal === 'missing_scope') return id
    const reason = refusal ?? 'Slack did not answer'
    throw new Error(
      `SLACK_CHANNEL is "${id}", and the bot cannot see it (${reason}). ` +
        'Check the id, and invite the bot to the channel (/invite @Tocsin).',
      { cause },
    )
  }
}

function place(id: string, name: string): Place {
  return { surface: 'slack', key: id, name, address: { channel: id } }
}
