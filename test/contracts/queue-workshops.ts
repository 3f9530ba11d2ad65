import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { z } from 'zod'
import {
  defineQueue,
  type JobHandler,
  type JobRun,
  type QueueDefinition,
  type QueueHouse,
} from '#workers/queues/queue.ts'

/** What a back end offers to be tried on. */
export interface QueueGround {
  readonly password: string
  openHouse(onError: (error: Error, where: string) => void): Promise<QueueHouse>
  /** Breaks every connection the houses hold, at once. */
  cutConnections(): Promise<void>
  close(): Promise<void>
}

export interface Numbered {
  number: number
}

export const patience = { timeout: 20_000, interval: 20 }

/** Houses on one back end that are closed after each test; to be called where tests are declared. */
export function queueWorkshops(missing: string | undefined, prepare: () => Promise<QueueGround>) {
  let ground: QueueGround
  let houses: QueueHouse[] = []
  let told: string[] = []

  beforeAll(async () => {
    if (missing === undefined) ground = await prepare()
  }, 60_000)
  afterAll(() => ground?.close())
  beforeEach(({ skip }) => skip(missing !== undefined, missing))
  afterEach(async () => {
    await Promise.all(houses.map((house) => house.close()))
    houses = []
    told = []
  })

  async function openHouse(): Promise<QueueHouse> {
    const house = await ground.openHouse((error, where) => told.push(`${where}: ${error.message}`))
    houses.push(house)
    return house
  }

  /** A house with a worker that writes down what it runs. */
  async function openWorkshop(
    definition: QueueDefinition<Numbered>,
    handle: JobHandler<Numbered> = async () => undefined,
  ) {
    const house = await openHouse()
    const ran: { number: number; run: JobRun }[] = []
    await house.work(definition, async (payload, run) => {
      ran.push({ ...payload, run })
      await handle(payload, run)
    })
    const queue = house.open(definition)
    const numbers = () => ran.map(({ number }) => number)
    const sorted = () => numbers().toSorted((one, other) => one - other)
    return { house, queue, ran, numbers, sorted }
  }

  return {
    openHouse,
    openWorkshop,
    /** What went wrong in the houses of this test. */
    told: () => told,
    tellings: (words: string) => told.filter((line) => line.includes(words)),
    cutConnections: () => ground.cutConnections(),
    password: () => ground.password,
  }
}

export const nothing = { waiting: 0, active: 0, delayed: 0, failed: 0 }

export function numbered(
  settings: Partial<Omit<QueueDefinition<Numbered>, 'name' | 'payload'>> = {},
): QueueDefinition<Numbered> {
  return defineQueue({
    name: `contract-${randomUUID()}`,
    payload: z.object({ number: z.number() }),
    ...settings,
  })
}

export function timesPerNumber(ran: readonly Numbered[]): Map<number, number> {
  const sorted = ran.toSorted((one, other) => one.number - other.number)
  return new Map(
    Array.from(
      Map.groupBy(sorted, ({ number }) => number),
      ([number, all]) => [number, all.length],
    ),
  )
}
