import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import {
  type AlertGroup,
  type GroupMember,
  loadGroupMembers,
  releaseGroups,
  settleGroups,
} from '#db/repositories/alert-groups.ts'
import { loadRoutingTree, type ReadyRouting } from '#db/repositories/routings.ts'
import { loadSuppressions } from '#db/repositories/suppressions.ts'
import type { ClaimedGroup } from '#workers/processors/destinations-of.ts'
import { flushGroup } from './flush-group.ts'
import type { PostWebhook } from './post-webhook.ts'

export interface DispatcherHands {
  readonly db: Database
  readonly clock: () => Date
  readonly log: Logger
  readonly post: PostWebhook
  /** Alerts whose end has passed resolve now; false where nobody can say yet whether they have ended. */
  readonly resolveOverdue: () => Promise<boolean>
  /** Where people find this house; told in every webhook. */
  readonly externalUrl: string
}

/** Groups as they were claimed, with what belongs to them now. */
export async function flushGroups(hands: DispatcherHands, groups: readonly AlertGroup[]): Promise<void> {
  const { db, clock, resolveOverdue } = hands
  const now = clock()
  const ids = groups.map(({ id }) => id)
  const members = await loadGroupMembers(db, ids)
  if (members.some((member) => isOverdue(member, now)) && (await resolveOverdue()))
    return releaseGroups(db, ids)
  const membersOf = Map.groupBy(members, ({ groupId }) => groupId)
  await tellGroups(
    hands,
    groups.map((group) => ({ group, members: membersOf.get(group.id) ?? [] })),
  )
}

/** Everything that is news to their webhooks, and when they are to be looked at again. */
export async function tellGroups(
  { db, clock, post, externalUrl }: DispatcherHands,
  claimed: readonly ClaimedGroup[],
): Promise<void> {
  const now = clock()
  const alerts = claimed.flatMap(({ members }) => members.map(({ alert }) => alert))
  const [routingOf, suppressions] = await Promise.all([
    loadRoutings(db, claimed),
    loadSuppressions(db, alerts, now),
  ])
  const isMuted = ({ alert }: GroupMember) => suppressions.has(alert.id)
  const flushed = claimed.map(({ group, members }) => {
    const routing = routingOf(group)
    const receiver = routing?.tree.receivers.get(group.receiver)
    const isQuiet = routing?.isQuiet(group, now) ?? false
    return flushGroup({ group, members, receiver, isQuiet, isMuted, now, post, externalUrl })
  })
  await settleGroups(db, await Promise.all(flushed))
}

/** It ended, and the sweeper has not come by yet: what is told now has to be true now. */
function isOverdue({ alert, posted }: GroupMember, now: Date): boolean {
  return alert.state !== 'RESOLVED' && posted !== null && !posted.over && posted.endsAt <= now
}

async function loadRoutings(
  db: Database,
  claimed: readonly ClaimedGroup[],
): Promise<(group: AlertGroup) => ReadyRouting | undefined> {
  const environments = [...new Set(claimed.map(({ group }) => group.environment))]
  const routings = await Promise.all(environments.map((environment) => loadRoutingTree(db, environment)))
  const routingOf = new Map(environments.map((environment, index) => [environment, routings[index]]))
  return ({ environment }) => routingOf.get(environment)
}
