import { compileMatchers, type Matcher } from '#engine/matcher.ts'
import { compareText, labelValue, type Labels } from '#engine/labels.ts'
import type { TimeInterval } from './time-interval.ts'

/** Who is told of which alerts, in which groups, and when: Alertmanager's route, read and completed from its parents. */
export interface RouteNode {
  /** Alertmanager's name of a place in the tree: its parents' matchers and its own. */
  readonly key: string
  readonly matchers: readonly Matcher[]
  /** The siblings after it are asked too. */
  readonly continues: boolean
  readonly receiver: string
  /** `all` = every label set is a group of its own. */
  readonly groupBy: 'all' | readonly string[]
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  readonly repeatIntervalMs: number
  /** Names of time intervals; not handed down. */
  readonly muteIntervals: readonly string[]
  readonly activeIntervals: readonly string[]
  /** Which of its alerts are one incident; null = each is one of its own. */
  readonly together: Together | null
  /** What happens until somebody acts; null = nothing. */
  readonly vigil: Vigil | null
  readonly routes: readonly RouteNode[]
}

/** Alerts that share these labels and come soon after each other are one incident, whatever route below takes them. */
export interface Together {
  /** Of the route that says so: those below it, by severity for one, share its incidents. */
  readonly routeKey: string
  readonly labels: readonly string[]
  /** So long after the latest of its alerts another one joins. */
  readonly windowMs: number
  /** And no longer after the first. */
  readonly capMs: number
}

/** Who is told when nobody acts, and how long an acknowledgement holds. */
export interface Vigil {
  /** Names of receivers, in the order of their times. */
  readonly escalate: readonly { readonly afterMs: number; readonly receiver: string }[]
  /** null = for good. */
  readonly ackTimeoutMs: number | null
  readonly unackAfterMs: number
}

export interface Receiver {
  readonly name: string
  readonly webhooks: readonly WebhookTarget[]
  /** `all` = every chat that is connected; else their keys. */
  readonly chats: 'all' | readonly string[]
  /** Names of connections; none hears without being named. */
  readonly connections: readonly string[]
}

export interface WebhookTarget {
  readonly url: string
  readonly sendResolved: boolean
  /** More are counted in `truncatedAlerts`; 0 = all are sent. */
  readonly maxAlerts: number
  /** For the whole request; undefined = as long as any. */
  readonly timeoutMs: number | undefined
}

export interface RoutingTree {
  readonly root: RouteNode
  readonly receivers: ReadonlyMap<string, Receiver>
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>
  /** What was posted without an end is over after this long, unless it is posted again. */
  readonly resolveTimeoutMs: number
}

/** The routes an alert takes: the deepest that match; of siblings the first, unless it continues. Never none. */
export type RouteFinder = (labels: Labels) => readonly RouteNode[]

export function routeFinder(root: RouteNode): RouteFinder {
  const find = compile(root)
  return (labels) => find(labels) ?? [root]
}

type Find = (labels: Labels) => readonly RouteNode[] | undefined

function compile(node: RouteNode): Find {
  const fits = compileMatchers(node.matchers)
  const children = node.routes.map((child) => ({ child, find: compile(child) }))
  const itself = [node]
  return (labels) => {
    if (!fits(labels)) return undefined
    const found: RouteNode[] = []
    for (const { child, find } of children) {
      const deeper = find(labels)
      if (!deeper) continue
      found.push(...deeper)
      if (!child.continues) break
    }
    return found.length > 0 ? found : itself
  }
}

/** The labels that all alerts of a group share because they are grouped by them; one that is absent is not there. */
export function groupLabels({ groupBy }: Pick<RouteNode, 'groupBy'>, labels: Labels): Labels {
  if (groupBy === 'all') return labels
  return Object.fromEntries(
    groupBy.filter((name) => labelValue(labels, name) !== '').map((name) => [name, labelValue(labels, name)]),
  )
}

/** As Alertmanager prints it: the route, a colon, the labels. Who it is, for as long as the route stays where it is. */
export function groupKey({ key }: Pick<RouteNode, 'key'>, labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort(compareText)
    .map((name) => `${name}=${JSON.stringify(labels[name])}`)
  return `${key}:{${pairs.join(', ')}}`
}
