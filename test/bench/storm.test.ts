import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { groupLabel, numberLabel, openAlerts, runLabel } from '../../bench/storm/alerts.ts'
import { openCaller } from '../../bench/storm/caller.ts'
import { openLedger } from '../../bench/storm/ledger.ts'
import { openReceiver } from '../../bench/storm/receiver.ts'
import { faultsOf, type Run } from '../../bench/storm/run-case.ts'
import { type Sent, sendStorm } from '../../bench/storm/send.ts'
import { toTable } from '../../bench/storm/table.ts'
import { accountFor, isAllTold, type Told } from '../../bench/storm/told.ts'
import type { AlertState } from '../../bench/storm/webhook.ts'
import { eventually } from '../harness/eventually.ts'

const own = { alerts: 3, groupWaitSeconds: 0, state: 'firing' } as const

test('a storm is accepted, told on, and accounted for to the last alert', async () => {
  const shape = { alerts: 250, groups: 10 }
  const ledger = openLedger('run')
  const receiver = await openReceiver((webhook) => ledger.hear(webhook))
  onTestFinished(() => receiver.close())
  const caller = await callerOf((request, response) => void tellOn(request, response, receiver.url))
  const open = openAlerts(shape, 'run')
  for (const state of ['firing', 'resolved'] as const) {
    const sent = await sendStorm(caller, { open, state, batch: 64 })
    expect(sent.refusals).toEqual([])
    await eventually(`all told as ${state}`, () => isAllTold(sent, ledger, state))
    const told = accountFor(sent, ledger, { ...shape, groupWaitSeconds: 0, state })
    expect(told).toMatchObject({ lost: 0, latencyMs: { length: 250 } })
    expect(Math.min(...told.latencyMs)).toBeGreaterThan(0)
  }
  // 64, 64, 64 and 58 alerts of ten groups each, twice.
  expect({ webhooks: ledger.webhooks(), repeats: ledger.repeats() }).toEqual({ webhooks: 80, repeats: [] })
})

test('an alert that was accepted and never told is lost, and so is one told of in the other state only', () => {
  const ledger = openLedger('run')
  ledger.hear(webhookOf([0], 'firing'))
  ledger.hear(webhookOf([1], 'resolved'))
  const told = accountFor(sentAt([1, 1, 1]), ledger, own)
  expect(told).toEqual({ latencyMs: [99], lost: 2 })
  expect(faultsOf(runOf({ told }))).toEqual(['2 accepted alerts were never told as firing'])
})

test('an alert that was refused is not lost, but the refusal is a fault', async () => {
  const caller = await callerOf((_, response) => response.writeHead(503).end('busy'))
  const sent = await sendStorm(caller, { open: openAlerts({ alerts: 3 }, 'run'), state: 'firing', batch: 2 })
  const told = accountFor(sent, openLedger('run'), own)
  expect(told).toEqual({ latencyMs: [], lost: 0 })
  expect(faultsOf(runOf({ sent, told }))).toEqual(['2 POSTs were not answered 200: 503 busy'])
})

test('a webhook that says of a group what one before had said is a fault, whatever the order of its alerts', () => {
  const ledger = openLedger('run')
  ledger.hear(webhookOf([0, 1], 'firing'))
  ledger.hear(webhookOf([0, 1, 2], 'firing'))
  ledger.hear(webhookOf([0, 1], 'resolved'))
  expect(ledger.repeats()).toEqual([])
  ledger.hear({ ...webhookOf([1, 0], 'firing'), atMs: 5100 })
  expect(faultsOf(runOf({ repeats: ledger.repeats() }))).toEqual([
    '1 webhooks said what one before had said, 5000 ms later or more',
  ])
})

test('what another run sent takes no part', () => {
  const ledger = openLedger('another run')
  ledger.hear(webhookOf([0], 'firing'))
  expect([ledger.webhooks(), ledger.firstHeardAtMs(0, 'firing')]).toEqual([0, undefined])
})

test('what comes behind the group wait is counted from the first alert of the group', () => {
  const ledger = openLedger('run')
  ledger.hear({ ...webhookOf([0, 1, 2], 'firing'), atMs: 1250 })
  const grouped = { alerts: 3, groups: 1, groupWaitSeconds: 1, state: 'firing' } as const
  expect(accountFor(sentAt([100, 150, 200]), ledger, grouped)).toEqual({
    latencyMs: [1150, 1100, 1050],
    behindWaitMs: [150, 150, 150],
    lost: 0,
  })
  // The third missed the wait, so it had another timer to wait for.
  expect(accountFor(sentAt([100, 150, 1101]), ledger, grouped).behindWaitMs).toBeUndefined()
})

test('the table says how many times better Tocsin is, and which aims are missed', () => {
  const theirs = runOf({ sent: { ...sentAt([0]), acceptedPerSecond: 1000 }, told: toldIn(100) })
  const ours = runOf({ sent: { ...sentAt([0]), acceptedPerSecond: 2500 }, told: toldIn(200) })
  const table = toTable(['them', 'us'], [{ name: 'burst10k-own-gw0', runs: [[theirs], [ours]] }])
  expect(table).toContain('| accepted | 1,000/s | 2,500/s | 2.50 × | ≥ 2 × better: met |')
  expect(table).toContain('| alert → webhook, p99 | 100 ms | 200 ms | 0.50 × | better: MISSED |')
  expect(table).toContain('| lost, refused or told twice | none | none |  | none: met |')
  const lossy = runOf({ told: { ...toldIn(10), lost: 1 } })
  const other = toTable(['them', 'us'], [{ name: 'burst10k-own-gw0', runs: [[theirs], [lossy]] }])
  expect(other).toContain('| none | 1 accepted alerts were never told as firing |  | none: MISSED |')
})

test('an alert has some 560 bytes and the labels that storms are grouped by', () => {
  const [first = '', ...rest] = openAlerts({ alerts: 10_000, groups: 100 }, '12345678')
  expect(JSON.parse(`${first}}`)).toMatchObject({
    labels: { [runLabel]: '12345678', [groupLabel]: '0', [numberLabel]: '0' },
  })
  const bytes = rest.map((alert) => alert.length + 1)
  expect([Math.min(...bytes), Math.max(...bytes)].every((size) => size > 500 && size < 620)).toBe(true)
})

async function callerOf(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const caller = openCaller({ origin: `http://127.0.0.1:${port}`, headers: {} })
  onTestFinished(() => {
    caller.close()
    server.close()
  })
  return caller
}

interface Posted {
  readonly labels: Readonly<Record<string, string>>
  readonly endsAt?: string
}

/** Every POST at once, as one webhook for each group in it. */
async function tellOn(
  request: Parameters<RequestListener>[0],
  response: Parameters<RequestListener>[1],
  url: string,
): Promise<void> {
  const chunks: Buffer[] = await request.toArray()
  response.end()
  const alerts: Posted[] = JSON.parse(Buffer.concat(chunks).toString())
  const groups = Map.groupBy(alerts, ({ labels }) => labels[groupLabel])
  for (const [groupKey, some] of groups) {
    const told = some.map((alert) => ({
      ...alert,
      status: alert.endsAt === undefined ? 'firing' : 'resolved',
    }))
    const webhook = { version: '4', receiver: 'w', groupKey, alerts: told }
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(webhook) })
    await answer.body?.cancel()
  }
}

function webhookOf(numbers: readonly number[], state: AlertState) {
  return { atMs: 100, group: 'w {}', alerts: numbers.map((number) => ({ run: 'run', number, state })) }
}

function sentAt(postedAtMs: readonly number[]): Sent {
  return { postedAtMs, acceptedPerSecond: 1, answerMs: [1], refusals: [] }
}

function toldIn(ms: number): Told {
  return { latencyMs: [ms], lost: 0 }
}

interface Story {
  readonly sent?: Sent
  readonly told?: Told
  readonly repeats?: readonly number[]
}

function runOf({ sent = sentAt([0]), told = toldIn(1), repeats = [] }: Story): Run {
  const usage = { cpuMs: 1, proportionalPeakKb: 1, residentPeakKb: 1 }
  return { firing: { ...sent, ...told }, webhooks: 1, repeats, usage, harnessCpuMs: 1, load: 0 }
}
