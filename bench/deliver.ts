import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { acceptBatch } from '#db/repositories/batches.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { notifications } from '#db/schema/notifications.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { startIntake } from '#workers/intake.ts'
import type { Notifier, Receipt } from '#workers/notifiers/notifier.ts'
import { takeIn } from '#workers/processors/take-in.ts'
import { digest } from './deliver-digest.ts'
import { openChannel, openIncomingWebhook } from './digest-rooms.ts'
import { type BenchHouse, failing, inFreshHouse, log, startDelivering } from './deliver-house.ts'
import { type Figure, figure, milliseconds, toMarkdown } from './figures.ts'
import { quantile } from './quantile.ts'

export const deliverParts = ['throughput', 'hanging', 'digest'] as const

const burst = 10_000
const perSecond = 200
const paceSeconds = 10
/** Of p99s that are compared with each other. */
const longSeconds = 30

export async function deliver(only: readonly string[]): Promise<string> {
  const figures: Figure[] = []
  if (only.includes('throughput')) figures.push(await inFreshHouse(throughput))
  if (only.includes('hanging')) figures.push(...(await inFreshHouse(besideHanging)))
  if (only.includes('digest'))
    for (const openRoom of [openChannel, openIncomingWebhook])
      figures.push(...(await inFreshHouse((house) => digest(house, openRoom))))
  return toMarkdown(figures)
}

async function throughput(house: BenchHouse): Promise<Figure> {
  const { db } = house.memory
  await rememberDestination(db, { surface: 'slack', key: 'one', name: 'one', address: house.address })
  // Long ago, so that whoever starts finds them at once.
  const before = new Date(Date.now() - 60_000)
  for (let from = 0; from < burst; from += 1000) {
    const events = Array.from({ length: 1000 }, (_, index) => failing(`burst-${from + index}`))
    await takeIn(db, events, before)
  }
  const began = performance.now()
  const deliverer = await startDelivering(house, { slack: house.webhook }).started
  await deliverer.idle()
  const rate = burst / ((performance.now() - began) / 1000)
  const delivered = await db.$count(notifications, eq(notifications.state, 'DELIVERED'))
  await deliverer.close()
  if (delivered !== burst || house.heard.size !== burst)
    throw new Error(
      `of ${burst} notifications ${delivered} are delivered, and ${house.heard.size} were heard`,
    )
  const text = `${Math.round(rate).toLocaleString('en')} notifications/s, ${burst.toLocaleString('en')} of them`
  return figure('to one webhook on loopback, rows on the disk before and after', text, {
    text: '≥ 2,000/s',
    met: rate >= 2000,
  })
}

async function besideHanging(house: BenchHouse): Promise<Figure[]> {
  const { db } = house.memory
  await rememberDestination(db, { surface: 'slack', key: 'one', name: 'one', address: house.address })
  const answer = Promise.withResolvers<Receipt>()
  let isHanging = false
  const other: Notifier = {
    post: () => (isHanging ? answer.promise : Promise.resolve({})),
    update: async () => undefined,
    reply: async () => undefined,
  }
  const { announce, started } = startDelivering(house, { slack: house.webhook, teams: other })
  const deliverer = await started
  const hands = { db, announce, clock: () => new Date(), settings: defaultDecisionSettings, log }
  const intake = await startIntake(house.memory, hands)
  await paced(house, 'warm', 2)
  const alone = await paced(house, 'alone', paceSeconds)
  await rememberDestination(db, { surface: 'teams', key: 'two', name: 'two', address: {} })
  const besideAnswering = await paced(house, 'answering', longSeconds)
  isHanging = true
  const beside = await paced(house, 'hanging', longSeconds)
  await intake.close()
  // What hangs would be waited for.
  answer.resolve({})
  await deliverer.close()
  const moved = quantile(beside, 0.99) / quantile(besideAnswering, 0.99) - 1
  return [
    latencies(`event → webhook at ${perSecond}/s`, alone, {
      text: 'p50 ≤ 10 ms',
      met: quantile(alone, 0.5) <= 10,
    }),
    latencies('the same beside another destination that answers', besideAnswering),
    latencies('the same while that one hangs', beside, {
      text: 'p99 moves < 10 %',
      met: moved < 0.1,
    }),
  ]
}

function latencies(what: string, valuesMs: readonly number[], aim?: NonNullable<Figure['aim']>): Figure {
  const [p50, p99] = [quantile(valuesMs, 0.5), quantile(valuesMs, 0.99)].map(milliseconds)
  return figure(what, `p50 ${p50}, p99 ${p99}, n ${valuesMs.length}`, aim)
}

/** From just before an event is stored until its webhook was heard, whatever the ones before it take. */
async function paced({ memory, heard }: BenchHouse, name: string, seconds: number): Promise<number[]> {
  const sent = new Map<string, number>()
  const began = performance.now()
  for (let number = 0; number < perSecond * seconds; number++) {
    const due = began + (number * 1000) / perSecond
    if (due > performance.now()) await pause(due - performance.now())
    const entity = `${name}-${number}`
    sent.set(entity, performance.now())
    const batch = { source: 'events' as const, items: [failing(entity)] }
    void acceptBatch(memory.db, batch, { environment: firstEnvironment.slug, receivedAt: new Date() })
  }
  const deadline = performance.now() + 60_000
  while ([...sent.keys()].some((entity) => !heard.has(entity))) {
    if (performance.now() > deadline) throw new Error('some events were never told')
    await pause(50)
  }
  return [...sent].map(([entity, at]) => (heard.get(entity) ?? Infinity) - at)
}
