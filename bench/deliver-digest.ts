import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { isNull, sql } from 'drizzle-orm'
import { acceptBatch } from '#db/repositories/batches.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { notifications, receipts } from '#db/schema/notifications.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { vendorPaces } from '#engine/notify/vendor-pace.ts'
import { startIntake } from '#workers/intake.ts'
import { type BenchHouse, failing, log, startDelivering } from './deliver-house.ts'
import type { Room } from './digest-rooms.ts'
import { type Figure, figure } from './figures.ts'

const alerts = 10_000
const overMs = 60_000
const atOnce = 20
const patienceMs = 120_000

/** A minute of more alerts than a room of Slack takes in three hours, at Slack's own limits. */
export async function digest(
  { memory }: BenchHouse,
  openRoom: (db: BenchHouse['memory']['db']) => Promise<Room>,
): Promise<Figure[]> {
  const { db } = memory
  const room = await openRoom(db)
  const { medium, notifier } = room
  const { announce, started } = startDelivering({ memory }, { [medium]: notifier }, vendorPaces[medium])
  const deliverer = await started
  const hands = { db, announce, clock: () => new Date(), settings: defaultDecisionSettings, log }
  const intake = await startIntake(memory, hands)
  try {
    await sendAll(memory)
    const began = performance.now()
    await untilTold(memory, room)
    const behindMs = performance.now() - began
    return await figuresOf(memory, room, behindMs)
  } finally {
    await intake.close()
    await deliverer.close()
    await room.close()
  }
}

async function sendAll({ db }: BenchHouse['memory']): Promise<void> {
  const began = performance.now()
  for (let from = 0; from < alerts; from += atOnce) {
    const due = began + (from * overMs) / alerts
    if (due > performance.now()) await pause(due - performance.now())
    const items = Array.from({ length: atOnce }, (_, index) => failing(`storm-${from + index}`))
    await acceptBatch(
      db,
      { source: 'events', items },
      { environment: firstEnvironment.slug, receivedAt: new Date() },
    )
  }
}

async function untilTold({ db }: BenchHouse['memory'], { refusals }: Room): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const waiting = await db.$count(notifications, isNull(notifications.settledAt))
    if (waiting === 0 && (await db.$count(notifications)) === alerts) return
    if (performance.now() > deadline)
      throw new Error(`${waiting} notifications still wait: ${refusals.slice(0, 3).join('; ')}`)
    await pause(250)
  }
}

async function figuresOf(
  { db }: BenchHouse['memory'],
  { name, messages, refusals }: Room,
  behindMs: number,
): Promise<Figure[]> {
  const [told] = await db.execute<{ alone: number; together: number; digests: number }>(sql`
    select count(*) filter (where receipt is not null)::int as alone,
      count(*) filter (where receipt is null and digest_id is not null)::int as together,
      count(distinct digest_id)::int as digests
    from ${receipts}`)
  const { alone = 0, together = 0, digests = 0 } = told ?? {}
  const counted = messages.map(({ said }) => Number(/(\d+) alerts at once/.exec(said)?.[1] ?? 0))
  const isWhole = alone + together === alerts && Math.max(...counted) === together
  const posted = messages.length
  const edits = messages.reduce((sum, message) => sum + message.edits, 0)
  const seconds = Math.ceil((overMs + behindMs) / 1000)
  return [
    figure(
      `${alerts.toLocaleString('en')} alerts in a minute into ${name}, at its limits`,
      `messages: ${posted}, edits: ${edits}, refused: ${refusals.length}; the last alert told ${(behindMs / 1000).toFixed(1)} s after it came`,
      { text: '≤ one message a second', met: posted <= seconds && refusals.length === 0 },
    ),
    figure(
      '… told by one digest, and by messages of their own',
      `${together.toLocaleString('en')} by ${digests}, ${alone.toLocaleString('en')} by their own`,
      { text: 'one digest, nothing lost', met: digests === 1 && isWhole },
    ),
  ]
}
