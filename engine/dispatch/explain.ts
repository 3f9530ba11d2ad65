import type { Labels } from '#engine/labels.ts'
import { printMatcher } from '#engine/matcher-text.ts'
import { mutedBy } from './muted.ts'
import type { Receiver, RouteFinder, RoutingTree } from './routing-tree.ts'

/** One route an alert takes, and what comes of it. */
export interface RouteHearing {
  /** Its own matchers; empty = the first route, which takes what no other does. */
  readonly matchers: readonly string[]
  readonly receiver: string
  readonly chats: Receiver['chats']
  /** Names. */
  readonly connections: readonly string[]
  /** How many of them. */
  readonly webhooks: number
  /** The time intervals that keep its webhooks quiet now. */
  readonly quietBy: readonly string[]
}

export interface RoutingToExplain {
  readonly tree: RoutingTree
  readonly findRoutes: RouteFinder
}

/** Where the route tree sends an alert with these labels, route by route. */
export function explainRoutes(
  { tree, findRoutes }: RoutingToExplain,
  labels: Labels,
  now: Date,
): RouteHearing[] {
  return findRoutes(labels).map((node) => {
    const receiver = tree.receivers.get(node.receiver)
    return {
      matchers: node.matchers.map(printMatcher),
      receiver: node.receiver,
      chats: receiver?.chats ?? [],
      connections: receiver?.connections ?? [],
      webhooks: receiver?.webhooks.length ?? 0,
      quietBy: mutedBy(node, tree, now),
    }
  })
}
