import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openAlerts } from './alerts.ts'
import { type Caller, openCaller } from './caller.ts'
import type { StormCase } from './cases.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { type Reads, readAll } from './reads.ts'
import { openReceiver } from './receiver.ts'
import { type Sent, sendStorm } from './send.ts'
import type { Server, Side } from './side.ts'
import { placeSilences } from './silences.ts'
import { accountFor, isAllTold, type Told } from './told.ts'
import { untilAtRest, type Usage, watch } from './watch.ts'
import type { AlertState } from './webhook.ts'

/** One storm, from a fresh server to its end. */
export interface Run {
  readonly firing: Phase
  readonly resolved?: Phase
  readonly reads?: Reads
  readonly webhooks: number
  readonly repeats: readonly number[]
  readonly usage: Usage
  /** Processor time of sender, receiver and watch, which the server could not have. */
  readonly harnessCpuMs: number
  readonly load: number
}

type Phase = Sent & Told

const patienceMs = 60_000
/** A webhook that should not come gets this long to come nevertheless. */
const graceMs = 1500

export async function runCase(side: Side, one: StormCase): Promise<Run> {
  const run = randomUUID().slice(0, 8)
  const ledger = openLedger(run)
  const receiver = await openReceiver((webhook) => ledger.hear(webhook))
  try {
    return await side.withServer({ case: one, webhookUrl: receiver.url }, async (server) => {
      const caller = openCaller(server)
      try {
        if (one.silences !== undefined) await placeSilences(caller, one.silences)
        await untilAtRest(server)
        return await measure(server, one, { run, ledger, caller })
      } finally {
        caller.close()
      }
    })
  } finally {
    await receiver.close()
  }
}

interface Playing {
  readonly run: string
  readonly ledger: Ledger
  readonly caller: Caller
}

async function measure(server: Server, one: StormCase, playing: Playing): Promise<Run> {
  const { run, ledger, caller } = playing
  const open = openAlerts(one, run)
  const endWatch = await watch(server)
  const cpuBefore = process.cpuUsage()
  const firing = await play('firing', one, open, playing)
  const reading = { run, alerts: one.alerts, times: one.reads ?? 0, hasPages: server.hasPages }
  const reads = one.reads === undefined ? undefined : await readAll(caller, reading)
  const resolved = one.resolves === true ? await play('resolved', one, open, playing) : undefined
  await pause(graceMs)
  const cpu = process.cpuUsage(cpuBefore)
  const { load, ...usage } = await endWatch()
  return {
    firing,
    ...(resolved && { resolved }),
    ...(reads && { reads }),
    webhooks: ledger.webhooks(),
    repeats: ledger.repeats(),
    usage,
    harnessCpuMs: (cpu.user + cpu.system) / 1000,
    load,
  }
}

async function play(
  state: AlertState,
  one: StormCase,
  open: readonly string[],
  { ledger, caller }: Playing,
): Promise<Phase> {
  const rounds = state === 'firing' ? one.rounds : 1
  const sent = await sendStorm(caller, { ...one, rounds, open, state })
  const deadline = performance.now() + patienceMs
  while (!isAllTold(sent, ledger, state) && performance.now() < deadline) await pause(20)
  return { ...sent, ...accountFor(sent, ledger, { ...one, state }) }
}

/** Why a run counts for nothing; none when all is well. */
export function faultsOf({ firing, resolved, repeats }: Run): string[] {
  const phases = { firing, ...(resolved && { resolved }) }
  return [
    ...Object.entries(phases).flatMap(([state, { lost, refusals }]) => [
      ...(lost > 0 ? [`${lost} accepted alerts were never told as ${state}`] : []),
      ...(refusals.length > 0 ? [`${refusals.length} POSTs were not answered 200: ${refusals[0]}`] : []),
    ]),
    ...(repeats.length > 0
      ? [
          `${repeats.length} webhooks said what one before had said, ${Math.round(Math.min(...repeats))} ms later or more`,
        ]
      : []),
  ]
}
