import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import type { Labels } from '#engine/labels.ts'

interface PostedInStep {
  readonly labels: Labels
  readonly annotations?: Labels
  readonly start?: number
  readonly end?: number
}

interface Expected {
  readonly status?: number
  readonly statusByVersion?: Readonly<Record<string, number>>
  readonly text?: string
  readonly length?: number
  readonly like?: unknown
  readonly find?: readonly { readonly by: unknown; readonly like: unknown }[]
  readonly time?: Readonly<Record<string, number>>
}

interface Step {
  readonly at: number
  readonly post?: readonly PostedInStep[]
  readonly silence?: {
    readonly ref: string
    readonly start: number
    readonly end: number
    readonly matchers: readonly unknown[]
  }
  readonly unsilence?: string
  readonly http?: {
    readonly method: string
    readonly path: string
    readonly query?: readonly (readonly [string, string])[]
    readonly body?: unknown
  }
  readonly amtool?: unknown
  readonly reload?: boolean
  readonly expect?: Expected
  readonly save?: string
}

export interface Route {
  readonly receiver?: string
  readonly matchers?: readonly string[]
  readonly routes?: readonly Route[]
  readonly groupBy?: 'all' | readonly string[] | null
  readonly groupWait?: number | null
  readonly groupInterval?: number | null
  readonly repeatInterval?: number | null
  readonly continue?: boolean
  readonly mute?: readonly string[]
  readonly active?: readonly string[]
}

/** How a webhook answers; the first that fits. */
export interface Behaviour {
  readonly until?: number
  readonly first?: number
  readonly action: 'drop' | 'delay' | 'status'
  readonly delay?: number
  readonly drop?: boolean
  readonly code?: number
}

export interface Webhook {
  readonly id: string
  readonly sendResolved?: boolean
  readonly maxAlerts?: number
  readonly timeout?: number
  readonly behaviour?: readonly Behaviour[]
}

export interface ExpectedAlert {
  readonly labels: Labels
  readonly annotations?: Labels
  readonly start?: number
  readonly end?: number
}

export interface ExpectedWebhook {
  readonly windows: readonly {
    readonly from: number
    readonly to: number
    readonly alerts: readonly ExpectedAlert[]
    readonly ordered?: boolean
    readonly notification?: unknown
  }[]
  readonly exactTotal?: boolean
  readonly attempts?: number
  readonly attemptsMin?: number
}

export interface AlertmanagerConfig {
  readonly route: Route
  readonly receivers: readonly { readonly name: string; readonly webhooks?: readonly Webhook[] }[]
  readonly timeIntervals?: readonly {
    readonly name: string
    readonly intervals: readonly {
      readonly times?: readonly { readonly from: string; readonly to: string }[]
      readonly years?: string
    }[]
  }[]
  readonly resolveTimeout?: number
  readonly inhibit?: readonly ({
    readonly source?: readonly string[]
    readonly target?: readonly string[]
    readonly equal?: readonly string[]
  } | null)[]
}

export interface AlertmanagerScenario {
  readonly id: string
  readonly summary: string
  /** Of a server that was told to take labels as before 0.27. */
  readonly mode?: 'classic'
  readonly tolerance: number
  readonly config: AlertmanagerConfig
  readonly server?: unknown
  readonly steps: readonly Step[]
  readonly expect?: Readonly<Record<string, ExpectedWebhook>>
  readonly settle?: number
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
  readonly now: Date
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
}

const format = 'am-vectors/1'

/** Of the folder that VECTORS_DIR names, else of our own copies: that folder may hold other kinds only. */
export function alertmanagerScenarios(): AlertmanagerScenario[] {
  const given = process.env['VECTORS_DIR']
  const found = given === undefined ? [] : scenariosIn(given)
  return found.length > 0 ? found : scenariosIn(join(import.meta.dirname, '../vectors'))
}

function scenariosIn(folder: string): AlertmanagerScenario[] {
  const files = globSync('*.json', { cwd: folder }).map((name) =>
    JSON.parse(readFileSync(join(folder, name), 'utf8')),
  )
  return files.filter((file) => file.format === format).flatMap((file) => file.scenarios)
}

export const zero = Date.parse('2026-01-31T10:00:00Z')

type Ask = (request: Request) => Answer | Promise<Answer>

/** Plays the API calls of a scenario and checks their answers; what the webhooks hear is another proof. */
export async function playApi(scenario: AlertmanagerScenario, ask: Ask): Promise<void> {
  const saved = new Map<string, string>()
  for (const step of scenario.steps.toSorted((one, other) => one.at - other.at)) {
    const { method, path, body, query = [] } = callOf(step)
    if (method === '') continue
    const answer = await ask({
      method,
      path: fill(path, saved),
      query: new URLSearchParams(query.map(([name, value]) => [name, value])),
      body: textOf(body, saved),
      now: instant(step.at),
    })
    const where = `${method} ${path} at ${step.at}: ${JSON.stringify(answer.body)}`
    check(step.expect ?? { status: 200 }, answer, { where, saved, tolerance: scenario.tolerance })
    const name = step.silence?.ref ?? step.save?.split(':')[1]
    if (name !== undefined) saved.set(name, (answer.body as { silenceID: string }).silenceID)
  }
}

function callOf(step: Step): NonNullable<Step['http']> {
  if (step.http) return step.http
  if (step.post) return { method: 'POST', path: '/api/v2/alerts', body: step.post.map(asBody) }
  if (step.unsilence !== undefined) return { method: 'DELETE', path: `/api/v2/silence/$id:${step.unsilence}` }
  if (!step.silence) return { method: '', path: '' }
  const { matchers, start, end } = step.silence
  const span = { startsAt: `$t:${start}`, endsAt: `$t:${end}` }
  return {
    method: 'POST',
    path: '/api/v2/silences',
    body: { matchers, ...span, createdBy: 'admin', comment: 'why' },
  }
}

function asBody({ labels, annotations, start, end }: PostedInStep) {
  return {
    labels,
    ...(annotations && { annotations }),
    ...(start !== undefined && { startsAt: `$t:${start}` }),
    ...(end !== undefined && { endsAt: `$t:${end}` }),
  }
}

export function instant(seconds: number): Date {
  return new Date(zero + Math.round(seconds * 1000))
}

function textOf(body: unknown, saved: ReadonlyMap<string, string>): string {
  if (typeof body === 'string') return body.replace(/^\$raw:/, '')
  return body === undefined ? '' : fill(JSON.stringify(body), saved)
}

function fill(text: string, saved: ReadonlyMap<string, string>): string {
  return text
    .replaceAll(/\$t:(-?[\d.]+)/g, (_, seconds: string) => instant(Number(seconds)).toISOString())
    .replaceAll(/\$(?:id|var):(\w+)/g, (_, name: string) => saved.get(name) ?? 'nothing saved')
}

interface Checking {
  readonly where: string
  readonly saved: ReadonlyMap<string, string>
  readonly tolerance: number
}

function check(expected: Expected, answer: Answer, checking: Checking): void {
  const { where, saved, tolerance } = checking
  const status = expected.statusByVersion ? expected.statusByVersion['>=0.26.0'] : expected.status
  if (status !== undefined) expect(answer.status, where).toBe(status)
  if (expected.text !== undefined) expect(JSON.stringify(answer.body), where).toContain(expected.text)
  if (expected.length !== undefined) expect(answer.body, where).toHaveLength(expected.length)
  if (expected.like !== undefined) expectLike(expected.like, answer.body, { saved, where })
  for (const { by, like } of expected.find ?? []) {
    const found = (answer.body as unknown[]).filter((item) => isLike(by, item))
    expect(found, where).toHaveLength(1)
    expectLike(like, found[0], { saved, where })
  }
  for (const [path, seconds] of Object.entries(expected.time ?? {})) {
    const text = path
      .split('.')
      .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], answer.body)
    expect(Math.abs(Date.parse(String(text)) - instant(seconds).getTime()), where).toBeLessThanOrEqual(
      tolerance * 1000,
    )
  }
}

function expectLike(
  like: unknown,
  found: unknown,
  { saved, where }: Pick<Checking, 'saved' | 'where'>,
): void {
  expect(found, where).toMatchObject(resolve(like, saved) as object)
}

function isLike(by: unknown, item: unknown): boolean {
  try {
    expect(item).toMatchObject(by as object)
    return true
  } catch {
    return false
  }
}

/** The tokens of the vectors, as what they stand for. */
export function resolve(like: unknown, saved: ReadonlyMap<string, string>): unknown {
  if (like === '$string') return expect.stringMatching(/./)
  if (typeof like === 'string')
    return like.startsWith('$fp:') ? fingerprint(JSON.parse(like.slice(4))) : fill(like, saved)
  if (Array.isArray(like)) return like.map((item) => resolve(item, saved))
  if (typeof like !== 'object' || like === null) return like
  return Object.fromEntries(Object.entries(like).map(([key, value]) => [key, resolve(value, saved)]))
}
