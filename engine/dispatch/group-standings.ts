import { type AlertGroup, type AlertStanding } from '#engine/view/alertmanager.ts'
import { mutedBy } from './muted.ts'
import { groupKey, groupLabels, type RouteFinder, type RoutingTree } from './routing-tree.ts'

interface Routing {
  readonly tree: RoutingTree
  readonly findRoutes: RouteFinder
}

/** The groups that alerts are told in, each with what keeps its route quiet at `now`. */
export function groupStandings(
  standings: readonly AlertStanding[],
  { tree, findRoutes }: Routing,
  now: Date,
): AlertGroup[] {
  const groups = new Map<string, AlertGroup & { readonly alerts: AlertStanding[] }>()
  for (const standing of standings) {
    for (const route of findRoutes(standing.alert.labels)) {
      const { receiver } = route
      const labels = groupLabels(route, standing.alert.labels)
      const name = `${receiver}\n${groupKey(route, labels)}`
      const group = groups.get(name) ?? { labels, receiver, alerts: [] }
      groups.set(name, group)
      group.alerts.push({ ...standing, mutedBy: mutedBy(route, tree, now) })
    }
  }
  return [...groups.values()]
}
