import type { Database } from '#db/client.ts'
import type { AcceptedBatch } from '#db/repositories/batches.ts'
import { findPostedAlerts, type KeptAlert, savePostedAlerts } from '#db/repositories/posted-alerts.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import { checkKey, type Event } from '#engine/event.ts'
import { alertEvent, alertRepeatSeconds } from '#engine/intake/alertmanager-event.ts'
import { isResolved, mergePosted, type PostedAlert } from '#engine/posted-alert.ts'
import { takeIn } from './take-in.ts'

/** As many rows as one statement's parameters hold with room to spare. */
const eventsAtOnce = 1000

/** Accepted batches, in their order → notification ids. To be called inside the transaction that removes them. */
export async function decideBatches(
  tx: Database,
  batches: readonly AcceptedBatch[],
  { now, settings }: { now: Date; settings: DecisionSettings },
): Promise<string[]> {
  const events = await readBatches(tx, batches)
  const notificationIds: string[] = []
  for (let begin = 0; begin < events.length; begin += eventsAtOnce) {
    const taken = await takeIn(tx, events.slice(begin, begin + eventsAtOnce), now, settings)
    notificationIds.push(...taken.notificationIds)
  }
  return notificationIds
}

async function readBatches(tx: Database, batches: readonly AcceptedBatch[]): Promise<Event[]> {
  const events: Event[] = []
  const memories = new Map<string, PostedMemory>()
  for (const batch of batches) {
    if (batch.source === 'events') events.push(...batch.items)
    else events.push(...(await mergeIn(tx, memories, batch)))
  }
  for (const [environment, memory] of memories) {
    await savePostedAlerts(tx, environment, [...memory.changed.values()])
  }
  return events
}

/** Posted alerts of one environment: as they were found, and as the batches leave them. */
interface PostedMemory {
  readonly known: Map<string, PostedAlert>
  readonly looked: Set<string>
  readonly changed: Map<string, KeptAlert>
}

type PostedBatch = Extract<AcceptedBatch, { source: 'alertmanager' }>

async function mergeIn(
  tx: Database,
  memories: Map<string, PostedMemory>,
  { environment, items, receivedAt }: PostedBatch,
): Promise<Event[]> {
  const memory = memories.get(environment) ?? { known: new Map(), looked: new Set(), changed: new Map() }
  memories.set(environment, memory)
  await lookUp(tx, environment, memory, items)
  const timedOut = await timeouts(tx, environment, items)
  return items.map((posted) => {
    const alert = mergePosted(memory.known.get(posted.fingerprint), timedOut(posted, receivedAt), receivedAt)
    const event = alertEvent(alert, {
      environment,
      now: receivedAt,
      repeatFailureDelaySeconds: alertRepeatSeconds,
    })
    memory.known.set(alert.fingerprint, alert)
    const over = isResolved(alert, receivedAt)
    memory.changed.set(alert.fingerprint, { alert, checkKey: checkKey(event), over })
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

async function lookUp(
  tx: Database,
  environment: string,
  { known, looked }: PostedMemory,
  items: readonly PostedAlert[],
): Promise<void> {
  const unseen = items.map(({ fingerprint }) => fingerprint).filter((fingerprint) => !looked.has(fingerprint))
  for (const fingerprint of unseen) looked.add(fingerprint)
  for (const [fingerprint, alert] of await findPostedAlerts(tx, environment, unseen))
    known.set(fingerprint, alert)
}
