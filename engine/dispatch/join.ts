import { type Alert, alertLabels, severityLabel } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import type { Labels } from '#engine/labels.ts'
import type { WatchPlan } from '#engine/notify/watch.ts'
import { categoryLabel, categoryOf } from './category.ts'
import { type SharedIncident, sharedIncident } from './together.ts'
import { groupKey, groupLabels, type Receiver, type RouteNode } from './routing-tree.ts'

/** Where an alert goes: the groups it is told with, and the chats and connections that hear of its incident. */
export interface Destined {
  readonly groups: readonly JoinedGroup[]
  readonly chats: 'all' | ReadonlySet<string>
  /** By name. */
  readonly connections: readonly string[]
  /** What it shares with others of its incident. */
  readonly shared: SharedIncident | undefined
  /** What happens until somebody acts, with whom that reaches as it is written now. */
  readonly plan: WatchPlan | undefined
}

export interface JoinedGroup {
  readonly route: RouteNode
  readonly key: string
  readonly labels: Labels
}

export interface Routes {
  readonly findRoutes: (labels: Labels) => readonly RouteNode[]
  readonly receivers: ReadonlyMap<string, Receiver>
}

/** Groups are for webhooks; a route whose receiver has none needs no timer. */
export function destine({ findRoutes, receivers }: Routes, { matched, labels }: RoutedAlert): Destined {
  const routes = findRoutes(matched)
  const receiving = routes.map(({ receiver }) => receivers.get(receiver))
  const groups = routes.flatMap((route, index) => {
    if ((receiving[index]?.webhooks.length ?? 0) === 0) return []
    const shared = groupLabels(route, labels)
    return [{ route, key: groupKey(route, shared), labels: shared }]
  })
  const chats = receiving.flatMap((receiver) => receiver?.chats ?? [])
  return {
    groups,
    chats: chats.includes('all') ? 'all' : new Set(chats),
    connections: receiving.flatMap((receiver) => receiver?.connections ?? []),
    shared: sharedIncident(routes, matched),
    plan: planOf(routes, receivers),
  }
}

/** Of the first of its routes that says so. */
function planOf(routes: readonly RouteNode[], receivers: Routes['receivers']): WatchPlan | undefined {
  const vigil = routes.find((route) => route.vigil !== null)?.vigil
  if (!vigil) return undefined
  const { escalate, ackTimeoutMs, unackAfterMs } = vigil
  const steps = escalate.map((step) => {
    const { chats = [], connections = [] } = receivers.get(step.receiver) ?? {}
    return { ...step, chats, connections }
  })
  return { steps, ackTimeoutMs, unackAfterMs }
}

/** The labels an alert is told with and grouped by, and who it is by them. */
export interface RoutedAlert {
  readonly labels: Labels
  readonly fingerprint: string
  /** Those, and what we make of it: routes may ask for its category and its severity, whoever sent it. */
  readonly matched: Labels
}

/**
 * One that came through Alertmanager's API has the labels it was posted with and nothing else, and its check is named after
 * them. Of others we say what they are about and how bad they are.
 */
export function routedAs(alert: Alert, check: Pick<Check, 'name'>): RoutedAlert {
  const posted = fingerprint(alert.labels)
  const cameAsPosted = check.name === posted
  const labels = cameAsPosted ? alert.labels : tellableLabels(alert)
  const matched = {
    ...labels,
    [categoryLabel]: categoryOf(alert, cameAsPosted),
    [severityLabel]: alert.severity,
  }
  return { labels, matched, fingerprint: cameAsPosted ? posted : fingerprint(labels) }
}

/** What routes would be asked about something that has not happened. */
export function supposedLabels(
  supposed: Pick<Check, 'entity' | 'name'> & Pick<Alert, 'labels' | 'severity'>,
): Labels {
  const { entity, name, labels, severity } = supposed
  return {
    alertname: `${name} on ${entity}`,
    entity,
    severity,
    ...labels,
    [severityLabel]: severity,
    [categoryLabel]: categoryOf({ labels, ruleId: null }, false),
  }
}

/** Which check it is by our own numbering means nothing to others. */
export function tellableLabels(alert: Alert): Labels {
  const { check: _ours, ...labels } = alertLabels(alert)
  return { alertname: alert.title, ...labels }
}
