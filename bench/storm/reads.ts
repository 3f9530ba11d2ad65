import { z } from 'zod'
import { numberLabel, runLabel } from './alerts.ts'
import type { Caller, Reply } from './caller.ts'

/** How long answers took, in milliseconds. */
export interface Reads {
  readonly wholeMs: readonly number[]
  readonly wholeBytes: number
  readonly paged?: { readonly firstPageMs: readonly number[]; readonly allPagesMs: readonly number[] }
}

interface Reading {
  readonly run: string
  /** As many as are firing: each must be in what is read, once. */
  readonly alerts: number
  readonly times: number
  /** Whether the server knows `limit` and leads on with a `Link`. */
  readonly hasPages: boolean
}

const shortPage = 100
const longPage = 1000
const listShape = z.array(z.object({ labels: z.record(z.string(), z.string()) }))

export async function readAll(caller: Caller, { run, alerts, times, hasPages }: Reading): Promise<Reads> {
  const wholes: Reply[] = []
  while (wholes.length < times) wholes.push(await read(caller, '/api/v2/alerts'))
  for (const whole of wholes) mustHoldAll([whole], run, alerts)
  const wholeMs = wholes.map(tookMs)
  const wholeBytes = Buffer.byteLength(wholes[0]?.body ?? '')
  if (!hasPages) return { wholeMs, wholeBytes }
  const firstPageMs: number[] = []
  while (firstPageMs.length < times)
    firstPageMs.push(tookMs(await read(caller, `/api/v2/alerts?limit=${shortPage}`)))
  const allPagesMs: number[] = []
  while (allPagesMs.length < times) {
    const pages = await readPages(caller)
    mustHoldAll(pages, run, alerts)
    allPagesMs.push(pages.reduce((total, page) => total + tookMs(page), 0))
  }
  return { wholeMs, wholeBytes, paged: { firstPageMs, allPagesMs } }
}

async function readPages(caller: Caller): Promise<Reply[]> {
  const pages: Reply[] = []
  let path: string | undefined = `/api/v2/alerts?limit=${longPage}`
  while (path !== undefined) {
    const page: Reply = await read(caller, path)
    pages.push(page)
    path = /<([^>]+)>; rel="next"/.exec(String(page.headers['link'] ?? ''))?.[1]
  }
  return pages
}

async function read(caller: Caller, path: string): Promise<Reply> {
  const reply = await caller.get(path)
  if (reply.status !== 200)
    throw new Error(`GET ${path} was answered ${reply.status}: ${reply.body.slice(0, 200)}`)
  return reply
}

function mustHoldAll(replies: readonly Reply[], run: string, alerts: number): void {
  const numbers = replies
    .flatMap(({ body }) => listShape.parse(JSON.parse(body)))
    .filter(({ labels }) => labels[runLabel] === run)
    .map(({ labels }) => labels[numberLabel])
  const distinct = new Set(numbers).size
  if (numbers.length !== alerts || distinct !== alerts)
    throw new Error(`${alerts} alerts fire, but ${numbers.length} were read, ${distinct} of them distinct.`)
}

function tookMs({ startedAtMs, endedAtMs }: Reply): number {
  return endedAtMs - startedAtMs
}
