import type { Labels } from '#engine/labels.ts'
import { groupKey, type RouteNode, type RoutingTree } from './routing-tree.ts'
import { isWithin } from './time-interval.ts'

/**
 * The names of the time intervals that keep a route quiet at `now`, as Alertmanager tells them: all its active ones while
 * it is in none of them, else the mute ones it is in.
 */
export function mutedBy(
  { activeIntervals, muteIntervals }: Pick<RouteNode, 'activeIntervals' | 'muteIntervals'>,
  { timeIntervals }: Pick<RoutingTree, 'timeIntervals'>,
  now: Date,
): readonly string[] {
  const isIn = (name: string) => timeIntervals.get(name)?.some((interval) => isWithin(interval, now)) ?? false
  if (activeIntervals.length > 0 && !activeIntervals.some(isIn)) return activeIntervals
  return muteIntervals.filter(isIn)
}

interface KeptGroup {
  readonly key: string
  readonly labels: Labels
  readonly receiver: string
}

export type IsQuiet = (group: KeptGroup, now: Date) => boolean

/**
 * Whether a group as it was written down is kept quiet by its route. A group knows its route by name; where several routes
 * have one name and receiver all of them must be quiet, and one that is gone keeps nothing quiet.
 */
export function quietGroups(tree: RoutingTree): IsQuiet {
  if (tree.timeIntervals.size === 0) return () => false
  const byName = Map.groupBy(nodesOf(tree.root), ({ key, receiver }) => nameOf(key, receiver))
  return ({ key, labels, receiver }, now) => {
    const routeKey = key.slice(0, key.length - groupKey({ key: '' }, labels).length)
    const nodes = byName.get(nameOf(routeKey, receiver)) ?? []
    return nodes.length > 0 && nodes.every((node) => mutedBy(node, tree, now).length > 0)
  }
}

function nodesOf(node: RouteNode): RouteNode[] {
  return [node, ...node.routes.flatMap(nodesOf)]
}

function nameOf(key: string, receiver: string): string {
  return `${key}\n${receiver}`
}
