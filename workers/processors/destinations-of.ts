import type { Database } from '#db/client.ts'
import type { AlertGroup, GroupMember } from '#db/repositories/alert-groups.ts'
import { groupOf, type Joining, joiningOf, joinGroups } from '#db/repositories/joining-groups.ts'
import { listRuleConnections } from '#db/repositories/rule-bindings.ts'
import { loadRoutingTree } from '#db/repositories/routings.ts'
import type { Happening } from '#engine/advance/advance.ts'
import { type Alert, severityLabel } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { type Destined, destine, type RoutedAlert, routedAs, type Routes } from '#engine/dispatch/join.ts'
import type { SharedIncident } from '#engine/dispatch/together.ts'
import type { Severity } from '#engine/event.ts'
import { newsOf } from '#engine/notify/plan.ts'
import type { WatchPlan } from '#engine/notify/watch.ts'

interface Happened {
  readonly alert: Alert
  readonly happening: Happening
}

export interface Destinations {
  /** Which chats hear of an alert, were it as bad as this: an incident is routed by the worst of its alerts. */
  readonly chatsOf: (alert: Alert, severity: Severity) => Destined['chats']
  /** What it shares with others of its incident; undefined = it is one of its own. */
  readonly sharedBy: (alert: Alert) => SharedIncident | undefined
  /** What happens with its incident until somebody acts. */
  readonly planFor: (alert: Alert) => WatchPlan | undefined
  /** Which connections, by id or name: those its rule names, and those its routes do. */
  readonly connectionsOf: (alert: Alert, severity: Severity) => readonly string[]
  /** Writes down which groups tell of what happened → those that are the caller's to tell. */
  join(): Promise<readonly ClaimedGroup[]>
}

/** A new group that waits for nothing, with the alerts that made it. */
export interface ClaimedGroup {
  readonly group: AlertGroup
  readonly members: readonly GroupMember[]
}

const everybody: Destinations = {
  chatsOf: () => 'all',
  sharedBy: () => undefined,
  planFor: () => undefined,
  connectionsOf: () => [],
  join: () => Promise.resolve([]),
}

interface Choosing {
  readonly checkOf: (alert: Alert) => Check | undefined
  readonly now: Date
  readonly leaseMs: number
}

/** By the routing of each environment; without one every chat hears of everything. */
export async function destinationsOf(
  tx: Database,
  happenings: readonly Happened[],
  { checkOf, now, leaseMs }: Choosing,
): Promise<Destinations> {
  const told = happenings.filter(({ happening }) => newsOf(happening) !== undefined)
  if (told.length === 0) return everybody
  const joining: Joining[] = []
  const known = new Map<string, Known>()
  const named = await listRuleConnections(
    tx,
    told.flatMap(({ alert }) => alert.ruleId ?? []),
  )
  const destinedOf = ({ id }: Alert, severity: Severity) => {
    const one = known.get(id)
    return one && severity !== one.alert.severity ? destineAs(one, severity) : one?.destined
  }
  for (const [environment, some] of Map.groupBy(told, ({ alert }) => alert.environment)) {
    const routing = await loadRoutingTree(tx, environment)
    if (!routing) continue
    const routes = { findRoutes: routing.findRoutes, receivers: routing.tree.receivers }
    for (const happened of some) {
      const { alert } = happened
      const check = checkOf(alert)
      if (!check) continue
      const routed = routedAs(alert, check)
      const destined = destine(routes, routed)
      known.set(alert.id, { alert, routes, routed, destined })
      joining.push(...joiningsOf(happened, routed, destined))
    }
  }
  return {
    chatsOf: (alert, severity) => destinedOf(alert, severity)?.chats ?? 'all',
    connectionsOf: (alert, severity) => [
      ...(named.get(alert.ruleId ?? '') ?? []),
      ...(destinedOf(alert, severity)?.connections ?? []),
    ],
    sharedBy: ({ id }) => known.get(id)?.destined.shared,
    planFor: ({ id }) => known.get(id)?.destined.plan,
    join: async () => claimed(await joinGroups(tx, joining, { now, leaseMs }), joining),
  }
}

interface Known {
  readonly alert: Alert
  readonly routes: Routes
  readonly routed: RoutedAlert
  readonly destined: Destined
}

function destineAs({ routes, routed }: Known, severity: Severity): Destined {
  return destine(routes, { ...routed, matched: { ...routed.matched, [severityLabel]: severity } })
}

/** Groups remind by intervals of their own, and know no acknowledgement. */
const changingGroups: ReadonlySet<Happening> = new Set(['fired', 'severity-rose', 'recovered', 'reopened'])

function joiningsOf({ alert, happening }: Happened, routed: RoutedAlert, { groups }: Destined): Joining[] {
  if (!changingGroups.has(happening)) return []
  return groups.map((group) => joiningOf(alert, routed, group))
}

function claimed(groups: readonly AlertGroup[], joining: readonly Joining[]): ClaimedGroup[] {
  if (groups.length === 0) return []
  const joined = Map.groupBy(joining, groupOf)
  return groups.map((group) => {
    const alerts = joined.get(groupOf(group)) ?? []
    // The last word about a check counts.
    const newest = new Map(alerts.map((one) => [one.alert.checkId, one]))
    const members = [...newest.values()].map(({ alert, fingerprint }) => ({
      groupId: group.id,
      fingerprint,
      alert,
      posted: null,
    }))
    return { group, members }
  })
}
