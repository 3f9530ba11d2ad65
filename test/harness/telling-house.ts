import { openServer } from '#bot/api/server.ts'
import type { Memory } from '#db/client.ts'
import { nextGroupDue } from '#db/repositories/alert-groups.ts'
import { type Dispatcher, startDispatcher } from '#workers/dispatch/dispatcher.ts'
import type { DispatcherHands } from '#workers/dispatch/tell-groups.ts'
import { webhookPoster } from '#workers/dispatch/post-webhook.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { drainBatches } from '#workers/processors/drain.ts'
import { resolveOverdue } from '#workers/processors/expire-alerts.ts'
import { testMemory } from './database.ts'
import { type Reply, send } from './send.ts'
import { loneDesk } from './desk-defaults.ts'

/** The doors, the decisions and the dispatcher over a real database and real HTTP, with a clock that stands until it is moved. */
export interface TellingHouse {
  readonly memory: Memory & { readonly url: string }
  /** Of its doors. */
  readonly url: string
  readonly clock: () => Date
  /** Time goes on to then, and everything that comes due on the way is done at its instant. */
  passTo(instant: Date): Promise<void>
  pass(seconds: number): Promise<void>
  ask(method: string, path: string, body?: unknown): Promise<Reply>
  /** What was accepted is decided, and what is due now is told. */
  settle(): Promise<void>
  /** What was accepted is decided, and nothing else. */
  decide(): Promise<void>
  /** Another one on the same database. */
  dispatcher(): Promise<Dispatcher>
  close(): Promise<void>
}

export async function startTellingHouse(start = new Date('2026-01-31T10:00:00Z')): Promise<TellingHouse> {
  let now = start
  const clock = () => now
  const memory = await testMemory()
  const { db } = memory
  const desk = loneDesk(db, clock)
  const { log } = desk
  const server = await openServer({ desk, log, access: { kind: 'loopback' } })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const egress = openEgress(['127.0.0.1'], 64)
  const hands: DispatcherHands = {
    db,
    clock,
    log,
    post: webhookPoster(egress),
    resolveOverdue: () => resolveOverdue(desk),
    externalUrl: url,
  }
  const groupTeller = await startDispatcher(memory, hands)
  const dispatchers = [groupTeller]
  const settle = async () => {
    await drainBatches({ ...desk, groupTeller })
    await Promise.all(dispatchers.map((one) => one.flush()))
  }
  const passTo = async (instant: Date) => {
    await settle()
    for (;;) {
      const due = await nextGroupDue(db, now)
      if (!due || due > instant) break
      if (due > now) now = due
      await settle()
    }
    now = instant
  }
  return {
    memory,
    url,
    clock,
    passTo,
    pass: async (seconds) => {
      await passTo(new Date(now.getTime() + seconds * 1000))
      await settle()
    },
    ask: (method, path, body) => send(method, url + path, body === undefined ? {} : { body }),
    settle,
    decide: () => drainBatches(desk),
    dispatcher: async () => {
      const another = await startDispatcher(memory, hands)
      dispatchers.push(another)
      return another
    },
    close: async () => {
      for (const one of dispatchers) await one.close()
      await egress.close()
      await server.close()
      await memory.close()
    },
  }
}
