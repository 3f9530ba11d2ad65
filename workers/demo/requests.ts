import { type Seed, dieOf } from './dice.ts'
import type { Document, FieldType } from './elasticsearch/indices.ts'
import { findFault } from './faults.ts'
import { type Span, isWithin, touchedSeconds } from './span.ts'
import { walksAround } from './traffic.ts'
import { type Step, longestWalkMs, stepsOf, type Walk } from './walk.ts'
import type { World } from './world.ts'

export const requestFields: Readonly<Record<string, FieldType>> = {
  '@timestamp': 'date',
  'http.response.status_code': 'long',
  'service.name': 'keyword',
  'client.ip': 'ip',
  'url.path': 'keyword',
}

/** What the gateway writes down: of each customer's errand one line, once it has ended; of whoever looks for a way in, many. */
export function observeRequests(world: World, span: Span, seed: Seed): Document[] {
  return [...customersRequests(world, span, seed), ...sweptRequests(world, span)]
}

function* customersRequests(world: World, span: Span, seed: Seed): Generator<Document> {
  for (const journey of world.journeys) {
    const { entry, stops } = journey
    if (entry === undefined) continue
    const begins = { from: span.from - longestWalkMs(world, journey), to: span.to }
    for (const walk of walksAround(journey, begins, seed)) {
      const last = lastStep(world, walk)
      if (!isWithin(span, last.endedAt)) continue
      yield line({
        at: last.endedAt,
        status: statusOf(last),
        service: stops[0].service.name,
        client: customerOf(walk),
        path: entry,
      })
    }
  }
}

function* sweptRequests(world: World, span: Span): Generator<Document> {
  for (const second of touchedSeconds(span)) {
    const active = findFault(world, { kind: 'endpoint-sweep', app: 'gateway', at: second * 1000 })
    if (!active) continue
    const { client, perSecond } = active.fault
    for (let nth = 0; nth < perSecond; nth += 1) {
      const at = second * 1000 + Math.floor((nth * 1000) / perSecond)
      if (isWithin(span, at)) yield line({ at, status: 404, service: 'gateway', client, path: guess(second) })
    }
  }
}

interface Line {
  readonly at: number
  readonly status: number
  readonly service: string
  readonly client: string
  readonly path: string
}

function line({ at, status, service, client, path }: Line): Document {
  return {
    '@timestamp': at,
    'http.response.status_code': status,
    'service.name': service,
    'client.ip': client,
    'url.path': path,
  }
}

function lastStep(world: World, walk: Walk): Step {
  let last: Step | undefined
  for (const step of stepsOf(world, walk)) last = step
  if (!last) throw new Error(`nobody walks ${walk.journey.name}`)
  return last
}

function statusOf({ failure }: Step): number {
  if (!failure) return 200
  if (failure.level === 'WARN') return 409
  return /Timeout/.test(failure.exception) ? 504 : 500
}

/** Addresses that documentation may use, and nobody has. */
const customers = Array.from({ length: 254 }, (_, host) => `198.51.100.${host + 1}`)

function customerOf({ seed }: Walk): string {
  return customers[Math.floor(dieOf(seed, 'client')() * customers.length)] ?? '198.51.100.1'
}

const guesses = [
  '/.env',
  '/admin',
  '/wp-login.php',
  '/api/v1/users',
  '/actuator/env',
  '/.git/config',
] as const

function guess(second: number): string {
  return guesses[second % guesses.length] ?? guesses[0]
}
