import { z } from 'zod'
import type { Matcher } from '#engine/matcher.ts'
import { printMatcher, parseMatchers } from '#engine/matcher-text.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { readSpan } from './span.ts'
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
  const parsed = documentSchema.safeParse(value)
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => ({ field: fieldOf(path), problem: message })),
    }
  }
  const { route, receivers } = parsed.data
  const problems: FieldProblem[] = [...namesakes(receivers)]
  const known = new Map(receivers.map((receiver) => [receiver.name, receiver]))
  const root = readNode(route, { path: 'route', parent: undefined, known, problems })
  if (problems.length > 0) return { problems }
  return { document: value as RoutingDocument, tree: { root, receivers: known } }
}

/** As it was written and found good. */
export interface RoutingDocument {
  readonly route: Readonly<Record<string, unknown>>
  readonly receivers: readonly {
    readonly name: string
    readonly webhook_configs?: readonly { readonly url: string }[]
  }[]
}

/** To be shown: a webhook's path and credentials are often all that keeps strangers out of it. */
export function maskRouting({ route, receivers }: RoutingDocument): RoutingDocument {
  return {
    route,
    receivers: receivers.map(({ webhook_configs: webhooks, ...receiver }) => ({
      ...receiver,
      ...(webhooks && {
        webhook_configs: webhooks.map((webhook) => ({ ...webhook, url: masked(webhook.url) })),
      }),
    })),
  }
}

function masked(url: string): string {
  return `${new URL(url).origin}/<secret>`
}

const span = z.string().transform((text, context) => {
  const milliseconds = readSpan(text)
  if (milliseconds !== undefined) return milliseconds
  context.addIssue('Write a length of time such as 30s, 5m or 1h30m.')
  return z.NEVER
})

const mostNames = 100
const names = z.array(z.string().min(1, 'A label has a name.')).max(mostNames, `At most ${mostNames} labels.`)

interface RouteBody {
  readonly receiver?: string | undefined
  readonly group_by?: readonly string[] | undefined
  readonly group_wait?: number | undefined
  readonly group_interval?: number | undefined
  readonly repeat_interval?: number | undefined
  readonly continue?: boolean | undefined
  readonly matchers?: readonly string[] | undefined
  readonly routes?: readonly RouteBody[] | undefined
}

const routeSchema: z.ZodType<RouteBody> = z.strictObject({
  receiver: z.string().optional(),
  group_by: names.optional(),
  group_wait: span.optional(),
  group_interval: span.optional(),
  repeat_interval: span.optional(),
  continue: z.boolean().optional(),
  matchers: z.array(z.string()).max(mostNames, `At most ${mostNames} matchers.`).optional(),
  get routes() {
    return z.array(routeSchema).max(1000, 'At most 1000 routes on one level.').optional()
  },
})

const webhookSchema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'Write a URL such as https://example.org/alerts.' }),
    send_resolved: z.boolean().default(true),
    max_alerts: z.int('Write a whole number.').min(0, 'Not below 0; 0 sends all.').default(0),
  })
  .transform(({ url, send_resolved: sendResolved, max_alerts: maxAlerts }) => ({
    url,
    sendResolved,
    maxAlerts,
  }))

const receiverSchema = z
  .strictObject({
    name: z.string().min(1, 'A receiver has a name.').max(200, 'At most 200 characters.'),
    webhook_configs: z.array(webhookSchema).max(50, 'At most 50 webhooks.').default([]),
    chats: z.union([z.literal('all'), z.array(z.string()).max(1000)]).default([]),
  })
  .transform(({ webhook_configs: webhooks, ...rest }): Receiver => ({ ...rest, webhooks }))

const documentSchema = z.strictObject({
  route: routeSchema,
  receivers: z
    .array(receiverSchema)
    .min(1, 'Name at least one receiver.')
    .max(1000, 'At most 1000 receivers.'),
})

interface Reading {
  readonly path: string
  readonly parent: RouteNode | undefined
  readonly known: ReadonlyMap<string, Receiver>
  readonly problems: FieldProblem[]
}

/** Alertmanager's defaults. */
const defaults = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 4 * 3_600_000 }

function readNode(body: RouteBody, { path, parent, known, problems }: Reading): RouteNode {
  const complain = (field: string, problem: string) => problems.push({ field: `${path}.${field}`, problem })
  const matchers = readMatchers(body.matchers ?? [], (problem) => complain('matchers', problem))
  const receiver = body.receiver ?? parent?.receiver
  if (receiver === undefined)
    complain('receiver', 'The first route names who hears of what no other route takes.')
  else if (!known.has(receiver)) complain('receiver', `No receiver is called ${JSON.stringify(receiver)}.`)
  if (!parent && matchers.length > 0)
    complain('matchers', 'The first route takes everything: put matchers into routes below it.')
  if (!parent && body.continue) complain('continue', 'Nothing comes after the first route.')
  if (body.group_interval === 0) complain('group_interval', 'It has to be longer than 0.')
  if (body.repeat_interval === 0) complain('repeat_interval', 'It has to be longer than 0.')
  if (body.group_by?.includes('...') && body.group_by.length > 1)
    complain('group_by', "'...' means all labels: nothing stands beside it.")
  const node = {
    key: `${parent ? `${parent.key}/` : ''}{${matchers.map(printMatcher).join(',')}}`,
    matchers,
    continues: body.continue ?? false,
    receiver: receiver ?? '',
    groupBy: body.group_by ? groupingOf(body.group_by) : (parent?.groupBy ?? []),
    groupWaitMs: body.group_wait ?? parent?.groupWaitMs ?? defaults.groupWaitMs,
    groupIntervalMs: body.group_interval ?? parent?.groupIntervalMs ?? defaults.groupIntervalMs,
    repeatIntervalMs: body.repeat_interval ?? parent?.repeatIntervalMs ?? defaults.repeatIntervalMs,
  }
  const bare: RouteNode = { ...node, routes: [] }
  const routes = (body.routes ?? []).map((child, index) =>
    readNode(child, { path: `${path}.routes.${index}`, parent: bare, known, problems }),
  )
  return { ...node, routes }
}

function groupingOf(labels: readonly string[]): RouteNode['groupBy'] {
  return labels.includes('...') ? 'all' : [...new Set(labels)]
}

function readMatchers(texts: readonly string[], complain: (problem: string) => void): Matcher[] {
  return texts.flatMap((text) => {
    const read = parseMatchers(text)
    if ('matchers' in read) return read.matchers
    complain(`${JSON.stringify(text)}: ${read.problem}`)
    return []
  })
}

function namesakes(receivers: readonly Receiver[]): FieldProblem[] {
  const seen = new Set<string>()
  return receivers.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [
      { field: `receivers.${index}.name`, problem: `${JSON.stringify(name)} is the name of another one.` },
    ]
  })
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.length > 0 ? path.map(String).join('.') : 'body'
}
