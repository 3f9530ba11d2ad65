import type { Identity } from '#bot/front.ts'
import type { Home } from './home.ts'
import type { Heard } from './reply.ts'

export function identify(heard: Heard, home: Home): Identity {
  const { guildId: tenant, responderRoleIds } = home
  const mayAct = !responderRoleIds || roleIdsOf(heard).some((id) => responderRoleIds.includes(id))
  return {
    surface: 'discord',
    tenant,
    externalId: heard.user.id,
    name: heard.inCachedGuild() ? heard.member.displayName : heard.user.displayName,
    mayOnlyLook: !mayAct,
  }
}

/** A server that is not in the cache (an outage at Discord) still sends its member's roles, as a bare list. */
function roleIdsOf(heard: Heard): readonly string[] {
  if (heard.inCachedGuild()) return [...heard.member.roles.cache.keys()]
  return heard.inRawGuild() ? heard.member.roles : []
}
