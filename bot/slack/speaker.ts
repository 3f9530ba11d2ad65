import type { Identity } from '#bot/front.ts'
import { isServed, type Workspace } from './workspace.ts'

/** Who Slack says is acting, and where they are at home. */
export interface Speaker {
  readonly userId: string
  readonly name?: string | undefined
  readonly teamId?: string | undefined
  readonly enterpriseId?: string | undefined
}

/** The parts of a slash command that say who typed it. */
export interface CommandBody {
  readonly user_id: string
  readonly user_name?: string
  readonly team_id?: string
  readonly enterprise_id?: string
}

export function commandSpeaker(body: CommandBody): Speaker {
  return {
    userId: body.user_id,
    name: body.user_name,
    teamId: body.team_id,
    enterpriseId: body.enterprise_id,
  }
}

/** The parts of a click or a sent form that say who did it. */
export interface InteractionBody {
  readonly user: {
    readonly id: string
    readonly name?: string
    readonly username?: string
    readonly team_id?: string
  }
  readonly team: { readonly id: string; readonly enterprise_id?: string } | null
  readonly enterprise?: { readonly id: string } | null
}

/** `team` is where it happened; in a channel shared with another company only `user.team_id` tells the guests. */
export function interactionSpeaker({ user, team, enterprise }: InteractionBody): Speaker {
  return {
    userId: user.id,
    name: user.name ?? user.username,
    teamId: user.team_id ?? team?.id,
    enterpriseId: enterprise?.id ?? team?.enterprise_id,
  }
}

/** The parts of an event that say who caused it. */
export interface EventBody {
  readonly team_id?: string
  readonly enterprise_id?: string
  readonly event: { readonly user?: string; readonly user_team?: string; readonly team?: string }
}

export function eventSpeaker({ event, ...body }: EventBody): Speaker | undefined {
  if (event.user === undefined) return undefined
  const teamId = event.user_team ?? event.team ?? body.team_id
  return { userId: event.user, teamId, enterpriseId: body.enterprise_id }
}

/** Undefined for a stranger: somebody from another company in a shared channel. */
export function identify(
  speaker: Speaker,
  workspace: Workspace,
  responders: ReadonlySet<string> | undefined,
): Omit<Identity, 'name'> | undefined {
  if (!isServed(workspace, speaker)) return undefined
  return {
    surface: 'slack',
    tenant: workspace.teamId,
    externalId: speaker.userId,
    ...(responders && !responders.has(speaker.userId) && { mayOnlyLook: true }),
  }
}
