import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import {
  type AlertmanagerConfig,
  type AlertmanagerScenario,
  type Behaviour,
  type ExpectedAlert,
  type ExpectedWebhook,
  instant,
  playApi,
  resolve,
  type Route,
  type Webhook,
  zero,
} from './alertmanager-scenario.ts'
import type { TellingHouse } from './telling-house.ts'
import { type Attempt, openWebhookReceiver, type WebhookBody } from './webhook-receiver.ts'

/** Why a scenario says nothing of this house; undefined = it is played. */
export function whyNotPlayed({ server, steps }: AlertmanagerScenario): string | undefined {
  if (server !== undefined) return 'it is about how the processes of an Alertmanager are started'
  if (steps.some(({ reload }) => reload)) return 'there is no configuration file to be read anew'
  if (steps.some(({ amtool }) => amtool)) return 'amtool is run against the house in test/scenarios'
  return undefined
}

interface Hook extends Webhook {
  readonly url: string
  readonly attempts: readonly Attempt[]
  /** Those that were taken, with the seconds since the beginning. */
  heard(): { at: number; body: WebhookBody }[]
  close(): Promise<void>
}

/** Plays a scenario on the house and holds every webhook to what it is expected to hear, and when. */
export async function playWebhooks(scenario: AlertmanagerScenario, house: TellingHouse): Promise<void> {
  const { config, expect: expected = {}, settle = 0 } = scenario
  const webhooks = config.receivers.flatMap((receiver) => receiver.webhooks ?? [])
  const hooks = new Map(
    await Promise.all(webhooks.map(async (one) => [one.id, await openHook(one, house.clock)] as const)),
  )
  try {
    await configure(house, config, (id) => hooks.get(id)?.url ?? '')
    await playApi(scenario, async ({ method, path, query, body, now }) => {
      await house.passTo(now)
      const search = query.size > 0 ? `?${query.toString()}` : ''
      const answer = await house.ask(method, path + search, method === 'POST' ? body : undefined)
      await house.settle()
      return answer
    })
    const ends = Object.values(expected).flatMap(({ windows }) => windows.map(({ to }) => to))
    await house.passTo(instant(Math.max(settle, ...ends)))
    await house.settle()
    for (const [id, one] of Object.entries(expected)) {
      const hook = hooks.get(id)
      if (!hook) throw new Error(`${scenario.id} expects something of ${id}, which is no webhook of it`)
      checkWebhook(one, hook, scenario.tolerance)
    }
  } finally {
    for (const hook of hooks.values()) await hook.close()
  }
}

async function configure(
  house: TellingHouse,
  config: AlertmanagerConfig,
  urlOf: (id: string) => string,
): Promise<void> {
  const { status, text } = await house.ask('PUT', '/api/v1/routing', routingOf(config, urlOf))
  expect(status, text).toBe(200)
  for (const rule of config.inhibit ?? []) {
    if (!rule) continue
    const { source = [], target = [], equal = [] } = rule
    const answer = await house.ask('POST', '/api/v1/inhibitions', { name: 'a rule', source, target, equal })
    expect(answer.status, answer.text).toBe(201)
  }
}

const span = (seconds: number) => `${Math.round(seconds * 1000)}ms`

function routingOf({ route, receivers, ...config }: AlertmanagerConfig, urlOf: (id: string) => string) {
  return {
    ...(config.resolveTimeout !== undefined && { global: { resolve_timeout: span(config.resolveTimeout) } }),
    route: routeOf(route),
    receivers: receivers.map(({ name, webhooks = [] }) => ({
      name,
      webhook_configs: webhooks.map(({ id, sendResolved, maxAlerts, timeout }) => ({
        url: urlOf(id),
        send_resolved: sendResolved ?? true,
        max_alerts: maxAlerts ?? 0,
        ...(timeout !== undefined && { timeout: span(timeout) }),
      })),
    })),
    ...(config.timeIntervals && {
      time_intervals: config.timeIntervals.map(({ name, intervals }) => ({
        name,
        time_intervals: intervals.map(({ times, years }) => ({
          ...(times && { times: times.map(({ from, to }) => ({ start_time: from, end_time: to })) }),
          ...(years !== undefined && { years: [years] }),
        })),
      })),
    }),
  }
}

function routeOf(route: Route): object {
  const { groupBy, groupWait, groupInterval, repeatInterval } = route
  return {
    ...(route.receiver !== undefined && { receiver: route.receiver }),
    ...(groupBy && { group_by: groupBy === 'all' ? ['...'] : groupBy }),
    ...(typeof groupWait === 'number' && { group_wait: span(groupWait) }),
    ...(typeof groupInterval === 'number' && { group_interval: span(groupInterval) }),
    ...(typeof repeatInterval === 'number' && { repeat_interval: span(repeatInterval) }),
    ...(route.matchers && { matchers: route.matchers }),
    ...(route.continue === true && { continue: true }),
    ...(route.mute && { mute_time_intervals: route.mute }),
    ...(route.active && { active_time_intervals: route.active }),
    ...(route.routes && { routes: route.routes.map(routeOf) }),
  }
}

const seconds = (at: Date | string) => (new Date(at).getTime() - zero) / 1000

async function openHook(webhook: Webhook, clock: () => Date): Promise<Hook> {
  const { behaviour = [] } = webhook
  const fits = ({ until, first }: Behaviour, attempt: Attempt, nth: number) =>
    (until !== undefined && seconds(attempt.at) < until) || (first !== undefined && nth <= first)
  const ruleFor = (attempt: Attempt, nth: number) => behaviour.find((rule) => fits(rule, attempt, nth))
  const receiver = await openWebhookReceiver((response, attempt, nth) => {
    respond(response, ruleFor(attempt, nth))
  }, clock)
  const isTaken = (attempt: Attempt, index: number) => {
    const rule = ruleFor(attempt, index + 1)
    return !rule || (rule.action === 'delay' && !rule.drop)
  }
  return {
    ...webhook,
    ...receiver,
    heard: () => receiver.attempts.filter(isTaken).map(({ at, body }) => ({ at: seconds(at), body })),
  }
}

/** A delay is told in real time, because so is the patience of whoever waits for it. */
function respond(response: ServerResponse, rule: Behaviour | undefined): void {
  if (rule?.action === 'status') response.writeHead(rule.code ?? 500).end('nope')
  else if (rule?.action === 'delay')
    setTimeout(() => response.writeHead(200).end(), (rule.delay ?? 0) * 1000).unref()
  else response.writeHead(200).end()
}

function checkWebhook(expected: ExpectedWebhook, hook: Hook, tolerance: number): void {
  const heard = hook.heard()
  const said = `${hook.id} heard ${JSON.stringify(heard, undefined, 1)}`
  const used = new Set<unknown>()
  for (const { from, to, alerts, ordered, notification } of expected.windows) {
    const inside = heard.filter(({ at }) => from <= at && at <= to)
    const where = `from ${from} to ${to}, ${said}`
    if (alerts.length === 0) {
      expect(inside, where).toEqual([])
      continue
    }
    const found = inside.find(
      (one) =>
        !used.has(one) &&
        holdsExactly(one.body, alerts, { ordered, tolerance }) &&
        isLike(notification, one.body),
    )
    expect(found, where).toBeDefined()
    used.add(found)
  }
  const told = heard.flatMap(({ body }) => body.alerts)
  if (expected.exactTotal)
    expect(told, said).toHaveLength(expected.windows.flatMap(({ alerts }) => alerts).length)
  if (expected.attempts !== undefined) expect(hook.attempts, said).toHaveLength(expected.attempts)
  if (expected.attemptsMin !== undefined)
    expect(hook.attempts.length, said).toBeGreaterThanOrEqual(expected.attemptsMin)
  for (const { body } of heard) expect(body.alerts, said).not.toEqual([])
}

function holdsExactly(
  { alerts }: WebhookBody,
  wanted: readonly ExpectedAlert[],
  { ordered = false, tolerance }: { ordered?: boolean | undefined; tolerance: number },
): boolean {
  return (
    alerts.length === wanted.length &&
    wanted.every((one, index) =>
      alerts.some((found, place) => (!ordered || place === index) && isSame(one, found, tolerance)),
    )
  )
}

const neverEnded = '0001-01-01T00:00:00Z'

function isSame(wanted: ExpectedAlert, found: WebhookBody['alerts'][number], tolerance: number): boolean {
  const isNear = (at: string, when: number) => Math.abs(seconds(at) - when) <= tolerance
  const { labels, annotations = {}, start, end } = wanted
  return (
    fingerprint(labels) === fingerprint(found.labels) &&
    fingerprint(annotations) === fingerprint(found.annotations) &&
    (start === undefined || isNear(found.startsAt, start)) &&
    (end === undefined
      ? found.endsAt === neverEnded
      : found.endsAt !== neverEnded && isNear(found.endsAt, end))
  )
}

function isLike(wanted: unknown, body: WebhookBody): boolean {
  if (wanted === undefined) return true
  // Lists in the vectors say how they begin.
  const like = resolve(wanted, new Map()) as { alerts?: readonly unknown[] }
  const begun = like.alerts ? { ...body, alerts: body.alerts.slice(0, like.alerts.length) } : body
  try {
    expect(begun).toMatchObject(like)
    return true
  } catch {
    return false
  }
}
