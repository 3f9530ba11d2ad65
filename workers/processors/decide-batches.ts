import { allDone } from '#db/all-done.ts'
import type { Database } from '#db/client.ts'
import type { AcceptedBatch } from '#db/repositories/batches.ts'
import { findPostedAlerts, type KeptAlert, savePostedAlerts } from '#db/repositories/posted-alerts.ts'
import { listSpokenFor } from '#db/repositories/spoken-for.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import { checkKey, type Event } from '#engine/event.ts'
import { alertEvent, alertRepeatSeconds } from '#engine/intake/alertmanager-event.ts'
import { isForged, namesToLookUp } from '#engine/intake/forged.ts'
import { isResolved, mergePosted, type PostedAlert } from '#engine/posted-alert.ts'
import type { ClaimedGroup } from './destinations-of.ts'
import { allOutgoing, type Outgoing } from './outgoing.ts'
import { takeInWithin, type TakingIn } from './take-in.ts'

/** As many rows as one statement's parameters hold with room to spare. */
const eventsAtOnce = 1000

export interface DecidedBatches {
  /** To be announced to the delivery workers. */
  readonly notificationIds: readonly string[]
  readonly outgoing: Outgoing
  /** Groups of webhooks that are the caller's to tell. */
  readonly claimedGroups: readonly ClaimedGroup[]
  /** Events in the name of somebody else's check, which nobody hears of. */
  readonly forged: readonly Event[]
}

/** Accepted batches, in their order. To be called inside the transaction that removes them. */
export async function decideBatches(
  tx: Database,
  batches: readonly AcceptedBatch[],
  taking: TakingIn,
): Promise<DecidedBatches> {
  const [memories, forged] = await allDone([recallPosted(tx, batches), findForged(tx, batches)])
  const events = readBatches(batches, memories).filter((event) => !forged.has(event))
  // Sent first: how long an alert has been firing hurries its group.
  const [, decided] = await allDone([
    savePosted(tx, memories),
    decideEvents(tx, events, { memories, taking }),
  ])
  return { ...decided, forged: [...forged] }
}

async function findForged(tx: Database, batches: readonly AcceptedBatch[]): Promise<ReadonlySet<Event>> {
  const pushed = batches.flatMap((batch) => (batch.source === 'events' ? batch.items : []))
  const justPosted = batches.flatMap((batch) =>
    batch.source === 'alertmanager' ? batch.items.map(({ fingerprint }) => fingerprint) : [],
  )
  const spokenFor = new Set([...(await listSpokenFor(tx, namesToLookUp(pushed))), ...justPosted])
  return new Set(pushed.filter((event) => isForged(event, spokenFor)))
}

async function decideEvents(
  tx: Database,
  events: readonly Event[],
  { memories, taking }: { memories: Memories; taking: TakingIn },
): Promise<Omit<DecidedBatches, 'forged'>> {
  const notificationIds: string[] = []
  const outgoing: Outgoing[] = []
  const claimedGroups: ClaimedGroup[] = []
  for (let begin = 0; begin < events.length; begin += eventsAtOnce) {
    const taken = await takeInWithin(tx, events.slice(begin, begin + eventsAtOnce), taking)
    notificationIds.push(...taken.notificationIds)
    outgoing.push(taken.outgoing)
    claimedGroups.push(...taken.claimedGroups.map((claimed) => asPosted(claimed, memories)))
  }
  return { notificationIds, outgoing: allOutgoing(outgoing), claimedGroups }
}

/** What the webhooks are told of an alert that came through Alertmanager's API is what was posted. */
function asPosted({ group, members }: ClaimedGroup, memories: Memories): ClaimedGroup {
  const changed = memories.get(group.environment)?.changed
  const postedAs = (fingerprint: string) => {
    const kept = changed?.get(fingerprint)
    return kept ? { ...kept.alert, over: kept.over } : null
  }
  return { group, members: members.map((member) => ({ ...member, posted: postedAs(member.fingerprint) })) }
}

/** Posted alerts of one environment: as they were found, and as the batches leave them. */
interface PostedMemory {
  readonly known: Map<string, PostedAlert>
  readonly changed: Map<string, KeptAlert>
  readonly timeOut: (posted: PostedAlert, receivedAt: Date) => PostedAlert
}

type Memories = ReadonlyMap<string, PostedMemory>

function readBatches(batches: readonly AcceptedBatch[], memories: Memories): Event[] {
  return batches.flatMap((batch) => {
    if (batch.source === 'events') return batch.items
    const memory = memories.get(batch.environment)
    return memory ? mergeIn(memory, batch) : []
  })
}

async function savePosted(tx: Database, memories: Memories): Promise<void> {
  await allDone(
    [...memories].map(([environment, { changed }]) =>
      savePostedAlerts(tx, environment, [...changed.values()]),
    ),
  )
}

type PostedBatch = Extract<AcceptedBatch, { source: 'alertmanager' }>

async function recallPosted(tx: Database, batches: readonly AcceptedBatch[]): Promise<Memories> {
  const posted = batches.flatMap((batch) => (batch.source === 'alertmanager' ? [batch] : []))
  const memories = new Map<string, PostedMemory>()
  for (const [environment, some] of Map.groupBy(posted, (batch) => batch.environment)) {
    const items = some.flatMap((batch) => batch.items)
    const [known, timeOut] = await allDone([
      findPostedAlerts(tx, environment, [...new Set(items.map(({ fingerprint }) => fingerprint))]),
      timeouts(tx, environment, items),
    ])
    memories.set(environment, { known, timeOut, changed: new Map() })
  }
  return memories
}

function mergeIn(
  { known, changed, timeOut }: PostedMemory,
  { environment, items, receivedAt }: PostedBatch,
): Event[] {
  return items.map((posted) => {
    const alert = mergePosted(known.get(posted.fingerprint), timeOut(posted, receivedAt), receivedAt)
    const event = alertEvent(alert, {
      environment,
      now: receivedAt,
      repeatFailureDelaySeconds: alertRepeatSeconds,
    })
    known.set(alert.fingerprint, alert)
    const over = isResolved(alert, receivedAt)
    changed.set(alert.fingerprint, { alert, checkKey: checkKey(event), over })
    return event
  })
}

/** Nobody named an end of these: they end when the routing says. */
async function timeouts(
  tx: Database,
  environment: string,
  items: readonly PostedAlert[],
): Promise<(posted: PostedAlert, receivedAt: Date) => PostedAlert> {
  const routing = items.some((posted) => posted.endsByTimeout)
    ? await loadRoutingTree(tx, environment)
    : undefined
  if (!routing) return (posted) => posted
  const { resolveTimeoutMs } = routing.tree
  return (posted, receivedAt) =>
    posted.endsByTimeout ? { ...posted, endsAt: new Date(receivedAt.getTime() + resolveTimeoutMs) } : posted
}
