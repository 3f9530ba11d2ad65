import type { Logger } from 'pino'
import type { Database, Memory } from '#db/client.ts'
import {
  type AlertGroup,
  claimDueGroups,
  type GroupMember,
  groupsChannel,
  loadGroupMembers,
  nextGroupDue,
  releaseGroups,
  settleGroups,
} from '#db/repositories/alert-groups.ts'
import { loadRoutingTree, type ReadyRouting } from '#db/repositories/routings.ts'
import { loadSuppressions } from '#db/repositories/suppressions.ts'
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

export interface Dispatcher {
  /** Tells what is due now, and waits until it is told. */
  flush(): Promise<void>
  close(): Promise<void>
}

const groupsAtOnce = 500
const mostInFlight = 4
/** Longer than any webhook may take. */
const leaseMs = 60_000
/** A hint may be lost, and a clock may be set. */
const longestSleepMs = 5000

/** Tells groups when they are due: as soon as it hears that something joined one, and when their time comes. */
export async function startDispatcher(
  memory: Pick<Memory, 'listen'>,
  hands: DispatcherHands,
): Promise<Dispatcher> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isHeardOf = false
  let isClosed = false

  const run = async () => {
    while (isHeardOf) {
      isHeardOf = false
      await flushDue(hands)
    }
    const next = await nextGroupDue(hands.db, hands.clock())
    sleep(next ? next.getTime() - hands.clock().getTime() : longestSleepMs)
  }
  const wake = () => {
    if (isClosed) return
    isHeardOf = true
    running ??= run()
      .catch((error: unknown) => {
        hands.log.warn({ err: error }, 'groups of alerts wait to be told')
        sleep(longestSleepMs)
      })
      .finally(() => {
        running = undefined
        if (isHeardOf) wake()
      })
  }
  const sleep = (ms: number) => {
    clearTimeout(timer)
    if (!isClosed) timer = setTimeout(wake, Math.max(1, Math.min(ms, longestSleepMs)))
  }
  /** What is heard of at the very end of a run begins another. */
  const idle = async (): Promise<void> => {
    await running
    if (running) await idle()
  }
  const unlisten = await memory.listen(groupsChannel, wake, wake)
  wake()
  return {
    flush: async () => {
      wake()
      await idle()
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await unlisten()
      await running
    },
  }
}

/** Claims and tells until nothing is due; a slow webhook holds up few others. */
async function flushDue(hands: DispatcherHands): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  for (;;) {
    const groups = await claimDueGroups(hands.db, hands.clock(), { limit: groupsAtOnce, leaseMs })
    if (groups.length === 0) break
    const flushing = flushGroups(hands, groups).finally(() => inFlight.delete(flushing))
    inFlight.add(flushing)
    if (inFlight.size >= mostInFlight) await Promise.race(inFlight)
  }
  await Promise.all(inFlight)
}

async function flushGroups(hands: DispatcherHands, groups: readonly AlertGroup[]): Promise<void> {
  const { db, clock, post, externalUrl, resolveOverdue } = hands
  const now = clock()
  const ids = groups.map(({ id }) => id)
  const members = await loadGroupMembers(db, ids)
  if (members.some((member) => isOverdue(member, now)) && (await resolveOverdue()))
    return releaseGroups(db, ids)
  const membersOf = Map.groupBy(members, ({ groupId }) => groupId)
  const [routingOf, suppressions] = await Promise.all([
    loadRoutings(db, groups),
    loadSuppressions(
      db,
      members.map(({ alert }) => alert),
      now,
    ),
  ])
  const flushed = groups.map((group) =>
    flushGroup({
      group,
      members: membersOf.get(group.id) ?? [],
      receiver: routingOf(group)?.tree.receivers.get(group.receiver),
      isQuiet: routingOf(group)?.isQuiet(group, now) ?? false,
      isMuted: ({ alert }) => suppressions.has(alert.id),
      now,
      post,
      externalUrl,
    }),
  )
  await settleGroups(db, await Promise.all(flushed))
}

/** It ended, and the sweeper has not come by yet: what is told now has to be true now. */
function isOverdue({ alert, posted }: GroupMember, now: Date): boolean {
  return alert.state !== 'RESOLVED' && posted !== null && !posted.over && posted.endsAt <= now
}

async function loadRoutings(
  db: Database,
  groups: readonly AlertGroup[],
): Promise<(group: AlertGroup) => ReadyRouting | undefined> {
  const environments = [...new Set(groups.map(({ environment }) => environment))]
  const routings = await Promise.all(environments.map((environment) => loadRoutingTree(db, environment)))
  const routingOf = new Map(environments.map((environment, index) => [environment, routings[index]]))
  return ({ environment }) => routingOf.get(environment)
}
