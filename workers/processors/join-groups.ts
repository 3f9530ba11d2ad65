import type { Database } from '#db/client.ts'
import { type Joining, joinGroups } from '#db/repositories/alert-groups.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import type { Happening } from '#engine/advance/advance.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { type Destined, destine, type RoutedAlert, routedAs } from '#engine/dispatch/join.ts'
import { newsOf } from '#engine/notify/plan.ts'

interface Happened {
  readonly alert: Alert
  readonly happening: Happening
}

export interface Destinations {
  /** Which chats hear of an alert. */
  readonly chatsOf: (alert: Alert) => Destined['chats']
  /** Writes down which groups tell of what happened. */
  join(): Promise<void>
}

const everybody: Destinations = { chatsOf: () => 'all', join: () => Promise.resolve() }

/** By the routing of each environment; without one every chat hears of everything. */
export async function destinationsOf(
  tx: Database,
  happenings: readonly Happened[],
  { checkOf, now }: { checkOf: (alert: Alert) => Check | undefined; now: Date },
): Promise<Destinations> {
  const told = happenings.filter(({ happening }) => newsOf(happening) !== undefined)
  if (told.length === 0) return everybody
  const joining: Joining[] = []
  const chats = new Map<string, Destined['chats']>()
  for (const [environment, some] of Map.groupBy(told, ({ alert }) => alert.environment)) {
    const routing = await loadRoutingTree(tx, environment)
    if (!routing) continue
    const routes = { findRoutes: routing.findRoutes, receivers: routing.tree.receivers }
    for (const happened of some) {
      const { alert } = happened
      const check = checkOf(alert)
      if (!check) continue
      const routed = routedAs(alert, check)
      const destined = destine(routes, routed.labels)
      chats.set(alert.id, destined.chats)
      joining.push(...joiningsOf(happened, routed, destined))
    }
  }
  return {
    chatsOf: (alert) => chats.get(alert.id) ?? 'all',
    join: () => joinGroups(tx, joining, now),
  }
}

/** Groups remind by intervals of their own, and know no acknowledgement. */
const changingGroups: ReadonlySet<Happening> = new Set(['fired', 'severity-rose', 'recovered', 'reopened'])

function joiningsOf({ alert, happening }: Happened, routed: RoutedAlert, { groups }: Destined): Joining[] {
  if (!changingGroups.has(happening)) return []
  return groups.map(({ route, key, labels }) => ({
    environment: alert.environment,
    key,
    labels,
    receiver: route.receiver,
    groupWaitMs: route.groupWaitMs,
    groupIntervalMs: route.groupIntervalMs,
    repeatIntervalMs: route.repeatIntervalMs,
    checkId: alert.checkId,
    alertId: alert.id,
    fingerprint: routed.fingerprint,
  }))
}
