import type { Matcher } from '#engine/matcher.ts'
import { printMatcher, parseMatchers } from '#engine/matcher-text.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { type Complain, readTogether, readVigil } from './read-incidents.ts'
import { masked, type RouteBody, routingSchema } from './routing-schema.ts'
import type { Receiver, RouteNode, RoutingTree } from './routing-tree.ts'

/**
 * Routing as people write it: Alertmanager's own words, in JSON.
 *
 *     { "route": { "receiver": "ops", "group_by": ["alertname", "cluster"], "group_wait": "30s",
 *                  "routes": [{ "matchers": ["team=\"db\""], "receiver": "dba", "continue": true }] },
 *       "receivers": [{ "name": "ops", "chats": "all" },
 *                     { "name": "dba", "webhook_configs": [{ "url": "https://dba.example.org/alerts" }] }] }
 *
 * A word that is not known is refused: a typing error would otherwise be silence at night.
 */
export function readRouting(
  value: unknown,
):
  | { readonly document: RoutingDocument; readonly tree: RoutingTree }
  | { readonly problems: readonly FieldProblem[] } {
  const parsed = routingSchema.safeParse(value)
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map((issue) => ({ field: fieldOf(issue.path), problem: issue.message })),
    }
  }
  const { global, route, receivers, time_intervals: intervals } = parsed.data
  const problems = [...namesakes('receivers', receivers), ...namesakes('time_intervals', intervals)]
  const known = new Map(receivers.map((receiver) => [receiver.name, receiver]))
  const timeIntervals = new Map(intervals.map((named) => [named.name, named.intervals]))
  const root = readNode(route, { path: 'route', parent: undefined, known, timeIntervals, problems })
  if (problems.length > 0) return { problems }
  const resolveTimeoutMs = global.resolve_timeout
  return {
    document: value as RoutingDocument,
    tree: { root, receivers: known, timeIntervals, resolveTimeoutMs },
  }
}

/** As it was written and found good. */
export interface RoutingDocument {
  readonly route: Readonly<Record<string, unknown>>
  readonly receivers: readonly {
    readonly name: string
    readonly webhook_configs?: readonly { readonly url: string }[]
  }[]
  readonly global?: Readonly<Record<string, unknown>>
  readonly time_intervals?: readonly Readonly<Record<string, unknown>>[]
}

/** To be shown: a webhook's path and credentials are often all that keeps strangers out of it. */
export function maskRouting({ receivers, ...rest }: RoutingDocument): RoutingDocument {
  return {
    ...rest,
    receivers: receivers.map(({ webhook_configs: webhooks, ...receiver }) => ({
      ...receiver,
      ...(webhooks && {
        webhook_configs: webhooks.map((webhook) => ({
          ...webhook,
          url: `${new URL(webhook.url).origin}${masked}`,
        })),
      }),
    })),
  }
}

interface Reading {
  readonly path: string
  readonly parent: RouteNode | undefined
  readonly known: ReadonlyMap<string, Receiver>
  readonly timeIntervals: RoutingTree['timeIntervals']
  readonly problems: FieldProblem[]
}

/** Alertmanager's defaults. */
const defaults = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 4 * 3_600_000 }

function readNode(body: RouteBody, reading: Reading): RouteNode {
  const { path, parent, known } = reading
  const complain: Complain = (field, problem) => reading.problems.push({ field: `${path}.${field}`, problem })
  const matchers = readMatchers(body.matchers ?? [], (problem) => complain('matchers', problem))
  const receiver = body.receiver ?? parent?.receiver
  if (receiver === undefined)
    complain('receiver', 'The first route names who hears of what no other route takes.')
  else if (!known.has(receiver)) complain('receiver', `No receiver is called ${JSON.stringify(receiver)}.`)
  if (!parent) checkRoot(body, complain)
  checkTimers(body, complain)
  checkIntervals(body, reading.timeIntervals, complain)
  if (body.group_by?.includes('...') && body.group_by.length > 1)
    complain('group_by', "'...' means all labels: nothing stands beside it.")
  if (new Set(body.group_by).size < (body.group_by?.length ?? 0))
    complain('group_by', 'It names a label twice.')
  const node = {
    key: `${parent ? `${parent.key}/` : ''}{${matchers.map(printMatcher).join(',')}}`,
    matchers,
    continues: body.continue ?? false,
    receiver: receiver ?? '',
    groupBy: body.group_by ? groupingOf(body.group_by) : (parent?.groupBy ?? []),
    groupWaitMs: body.group_wait ?? parent?.groupWaitMs ?? defaults.groupWaitMs,
    groupIntervalMs: body.group_interval ?? parent?.groupIntervalMs ?? defaults.groupIntervalMs,
    repeatIntervalMs: body.repeat_interval ?? parent?.repeatIntervalMs ?? defaults.repeatIntervalMs,
    muteIntervals: body.mute_time_intervals ?? [],
    activeIntervals: body.active_time_intervals ?? [],
  }
  const together = readTogether(body, { routeKey: node.key, parent, complain })
  const vigil = readVigil(body, { parent, known, complain })
  const bare: RouteNode = { ...node, together, vigil, routes: [] }
  const routes = (body.routes ?? []).map((child, index) =>
    readNode(child, { ...reading, path: `${path}.routes.${index}`, parent: bare }),
  )
  return { ...node, together, vigil, routes }
}

/** It takes what nobody else takes, at any time. */
function checkRoot(body: RouteBody, complain: Complain): void {
  if ((body.matchers ?? []).length > 0)
    complain('matchers', 'The first route takes everything: put matchers into routes below it.')
  if (body.continue) complain('continue', 'Nothing comes after the first route.')
  for (const field of ['mute_time_intervals', 'active_time_intervals'] as const)
    if ((body[field] ?? []).length > 0)
      complain(field, 'The first route is never quiet: put time intervals into routes below it.')
}

function checkTimers(body: RouteBody, complain: Complain): void {
  for (const field of ['group_interval', 'repeat_interval'] as const)
    if (body[field] === 0) complain(field, 'It has to be longer than 0.')
}

function checkIntervals(body: RouteBody, known: RoutingTree['timeIntervals'], complain: Complain): void {
  for (const field of ['mute_time_intervals', 'active_time_intervals'] as const)
    for (const name of body[field] ?? [])
      if (!known.has(name)) complain(field, `No time interval is called ${JSON.stringify(name)}.`)
}

function groupingOf(labels: readonly string[]): RouteNode['groupBy'] {
  return labels.includes('...') ? 'all' : labels
}

function readMatchers(texts: readonly string[], complain: (problem: string) => void): Matcher[] {
  return texts.flatMap((text) => {
    const read = parseMatchers(text)
    if ('matchers' in read) return read.matchers
    complain(`${JSON.stringify(text)}: ${read.problem}`)
    return []
  })
}

function namesakes(list: string, named: readonly { readonly name: string }[]): FieldProblem[] {
  const seen = new Set<string>()
  return named.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [
      { field: `${list}.${index}.name`, problem: `${JSON.stringify(name)} is the name of another one.` },
    ]
  })
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.length > 0 ? path.map(String).join('.') : 'body'
}
