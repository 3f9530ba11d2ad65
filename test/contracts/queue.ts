import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineQueue, type JobHandler, RunAgainLater } from '#workers/queues/queue.ts'
import {
  nothing,
  type Numbered,
  numbered,
  patience,
  type QueueGround,
  queueWorkshops,
  timesPerNumber,
} from './queue-workshops.ts'

export function queueContract(missing: string | undefined, prepare: () => Promise<QueueGround>): void {
  describe('a job queue', { timeout: 60_000 }, () => {
    const { openHouse, openWorkshop, told, tellings, cutConnections, password } = queueWorkshops(
      missing,
      prepare,
    )

    test('runs what is added, and is empty afterwards', async () => {
      const { queue, sorted } = await openWorkshop(numbered())
      await queue.add({ number: 1 })
      await queue.addMany([{ payload: { number: 2 } }, { payload: { number: 3 } }])
      await queue.addMany([])
      await expect.poll(sorted, patience).toEqual([1, 2, 3])
      await expect.poll(() => queue.counts(), patience).toEqual(nothing)
    })

    test('keeps jobs until somebody works', async () => {
      const definition = numbered()
      const queue = (await openHouse()).open(definition)
      await queue.add({ number: 1 })
      expect(await queue.counts()).toEqual({ ...nothing, waiting: 1 })
      const { numbers } = await openWorkshop(definition)
      await expect.poll(numbers, patience).toEqual([1])
    })

    test('takes one job per id while it waits', async () => {
      const definition = numbered()
      const queue = (await openHouse()).open(definition)
      const id = 'delivery:17:https://example.org/a b'
      await queue.add({ number: 1 }, { id })
      await queue.add({ number: 2 }, { id })
      await queue.addMany([
        { payload: { number: 3 }, id },
        { payload: { number: 4 }, id: 'another' },
      ])
      expect(await queue.counts()).toEqual({ ...nothing, waiting: 2 })
      const { sorted } = await openWorkshop(definition)
      await expect.poll(sorted, patience).toEqual([1, 4])
      await expect.poll(() => queue.counts(), patience).toEqual(nothing)
      expect(sorted()).toEqual([1, 4])
    })

    test('takes one job per id while it is delayed', async () => {
      const queue = (await openHouse()).open(numbered())
      await queue.add({ number: 1 }, { id: 'same', delayMs: 60_000 })
      await queue.add({ number: 2 }, { id: 'same' })
      expect(await queue.counts()).toEqual({ ...nothing, delayed: 1 })
    })

    test('takes one job per id while it runs, and the next once it has finished', async () => {
      const gate = Promise.withResolvers<void>()
      const { queue, numbers } = await openWorkshop(numbered(), () => gate.promise)
      await queue.add({ number: 1 }, { id: 'same' })
      await expect.poll(numbers, patience).toEqual([1])
      await queue.add({ number: 2 }, { id: 'same' })
      gate.resolve()
      await expect.poll(() => queue.counts(), patience).toEqual(nothing)
      await queue.add({ number: 3 }, { id: 'same' })
      await expect.poll(numbers, patience).toEqual([1, 3])
    })

    test('takes an id again after its job failed for good', async () => {
      const { queue, sorted } = await openWorkshop(numbered({ attempts: 1 }), ({ number }) => {
        return number === 1 ? Promise.reject(new Error('no such luck')) : Promise.resolve()
      })
      await queue.add({ number: 1 }, { id: 'same' })
      await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, failed: 1 })
      await queue.add({ number: 2 }, { id: 'same' })
      await queue.addMany([{ payload: { number: 3 }, id: 'other' }])
      await expect.poll(sorted, patience).toEqual([1, 2, 3])
      await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, failed: 1 })
      await expect.poll(() => tellings('failed for good: no such luck'), patience).toHaveLength(1)
    })

    test('takes an id again while others fail and finish', async () => {
      const { queue, ran } = await openWorkshop(numbered({ attempts: 1 }), ({ number }) => {
        return number % 2 === 1 ? Promise.reject(new Error(`odd ${number}`)) : Promise.resolve()
      })
      const jobs = Array.from({ length: 20 }, (_, number) => ({ payload: { number }, id: `id ${number}` }))
      for (const round of [1, 2, 3]) {
        await queue.addMany(jobs)
        await expect.poll(() => ran.length, patience).toBe(round * jobs.length)
        await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, failed: round * 10 })
      }
    })

    test('holds a delayed job back until its time', async () => {
      const { queue, numbers } = await openWorkshop(numbered({ concurrency: 1 }))
      await queue.add({ number: 1 }, { delayMs: 300 })
      await queue.add({ number: 2 })
      await queue.add({ number: 3 }, { delayMs: 60_000 })
      await expect.poll(numbers, patience).toEqual([2, 1])
      await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, delayed: 1 })
    })

    test('tries a failing job as often as it may, and says which try is the last', async () => {
      const { queue, ran } = await openWorkshop(numbered({ attempts: 3, backoffMs: 10 }), () =>
        Promise.reject(new Error('still broken')),
      )
      await queue.add({ number: 1 })
      await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, failed: 1 })
      expect(ran.map(({ run }) => run)).toEqual([
        { attempt: 1, lastAttempt: false },
        { attempt: 2, lastAttempt: false },
        { attempt: 3, lastAttempt: true },
      ])
      await expect.poll(() => tellings('still broken'), patience).toHaveLength(1)
    })

    test('lets a failed attempt wait out its backoff', async () => {
      const { queue, ran } = await openWorkshop(numbered({ attempts: 2, backoffMs: 60_000 }), () =>
        Promise.reject(new Error('broken')),
      )
      await queue.add({ number: 1 })
      await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, delayed: 1 })
      expect(ran).toHaveLength(1)
    })

    test('refuses to add a payload that is not of the queue', async () => {
      const definition = numbered()
      const queue = (await openHouse()).open<unknown>(definition)
      await expect(queue.add({ number: 'one' })).rejects.toThrow(definition.name)
      await expect(queue.addMany([{ payload: {} }])).rejects.toThrow('number')
      await expect(queue.repeat(null, 1000)).rejects.toThrow(definition.name)
      expect(await queue.counts()).toEqual(nothing)
    })

    test('fails a payload it no longer understands for good, without trying again', async () => {
      const definition = numbered({ attempts: 5, backoffMs: 1 })
      const older = defineQueue({
        name: definition.name,
        payload: z.object({ called: z.string() }),
        attempts: 5,
      })
      const { house, ran, queue } = await openWorkshop(definition)
      await house.open(older).add({ called: 'one' })
      await expect.poll(() => queue.counts(), patience).toEqual({ ...nothing, failed: 1 })
      expect(ran).toEqual([])
      await expect
        .poll(() => tellings('does not understand'), patience)
        .toEqual([expect.stringContaining('number')])
    })

    test('runs a job again later when its handler asks, at no cost in attempts', async () => {
      const asked = new Set<number>()
      const definition = numbered({ attempts: 1, concurrency: 8 })
      const handle: JobHandler<Numbered> = async ({ number }) => {
        if (asked.has(number)) return
        asked.add(number)
        throw new RunAgainLater(20)
      }
      const shops = [await openWorkshop(definition, handle), await openWorkshop(definition, handle)]
      const jobs = Array.from({ length: 100 }, (_, number) => ({ payload: { number }, id: `id ${number}` }))
      await shops[0]!.queue.addMany(jobs)
      const ran = () => shops.flatMap((shop) => shop.ran)
      await expect.poll(() => ran().length, patience).toBe(200)
      await expect.poll(() => shops[0]!.queue.counts(), patience).toEqual(nothing)
      expect(timesPerNumber(ran())).toEqual(new Map(jobs.map(({ payload }) => [payload.number, 2])))
      expect(ran().every(({ run }) => run.attempt === 1)).toBe(true)
    })

    test('repeats once per slot, however many processes ask for it and work on it', async () => {
      const definition = numbered()
      const shops = await Promise.all([1, 2, 3].map(() => openWorkshop(definition)))
      await Promise.all(shops.map(({ queue }) => queue.repeat({ number: 1 }, 200)))
      const slots = () => shops.flatMap(({ ran }) => ran.map(({ run }) => run.scheduledFor?.getTime() ?? 0))
      // Asked again and again, as processes that start do: the schedule must not lose its thread.
      for (let round = 1; round <= 5; round++) {
        const before = slots().length
        await expect.poll(() => slots().length, patience).toBeGreaterThan(before + 1)
        await Promise.all(shops.map(({ queue }) => queue.repeat({ number: 1 }, 200)))
      }
      const before = slots().length
      await expect.poll(() => slots().length, patience).toBeGreaterThan(before + 3)
      expect(new Set(slots()).size).toBe(slots().length)
      expect(slots().every((slot) => slot > 0 && slot % 200 === 0)).toBe(true)
      expect((await shops[0]!.queue.counts()).delayed).toBeLessThanOrEqual(1)
    })

    test('changes the one schedule it has when asked for another interval', async () => {
      const { queue, ran } = await openWorkshop(numbered())
      await queue.repeat({ number: 1 }, 3_600_000)
      await queue.repeat({ number: 2 }, 100)
      await expect.poll(() => ran.length, patience).toBeGreaterThan(2)
      expect(ran.every(({ number }) => number === 2)).toBe(true)
    })

    test('shares 500 jobs between two workers and runs each exactly once', async () => {
      const definition = numbered({ concurrency: 8 })
      const shops = [await openWorkshop(definition), await openWorkshop(definition)]
      const jobs = Array.from({ length: 500 }, (_, number) => ({ payload: { number }, id: `id ${number}` }))
      await shops[0]!.queue.addMany(jobs)
      await expect.poll(() => shops[1]!.queue.counts(), patience).toEqual(nothing)
      const ran = shops.flatMap((shop) => shop.ran)
      expect(timesPerNumber(ran)).toEqual(new Map(jobs.map(({ payload }) => [payload.number, 1])))
      expect(shops.every((shop) => shop.ran.length > 0)).toBe(true)
      expect(told()).toEqual([])
    })

    test('lets a running job finish before it closes, and takes no other', async () => {
      const gate = Promise.withResolvers<void>()
      const finished: number[] = []
      const definition = numbered({ concurrency: 1 })
      const { house, queue, numbers } = await openWorkshop(definition, async ({ number }) => {
        await gate.promise
        finished.push(number)
      })
      await queue.addMany([{ payload: { number: 1 } }, { payload: { number: 2 } }])
      await expect.poll(numbers, patience).toEqual([1])
      const closed = house.close().then(() => finished.push(0))
      gate.resolve()
      await closed
      expect(finished).toEqual([1, 0])
      expect(await (await openHouse()).open(definition).counts()).toEqual({ ...nothing, waiting: 1 })
    })

    test('recovers by itself when its connections break, and tells no password', async () => {
      const { queue, numbers } = await openWorkshop(numbered())
      await queue.add({ number: 0 })
      await expect.poll(numbers, patience).toEqual([0])
      for (const number of [1, 2, 3]) {
        await cutConnections()
        // What is added into an outage may be refused; with the same id it can be added again without harm.
        await expect
          .poll(
            () => queue.add({ number }, { id: `id ${number}` }).then(() => numbers().includes(number)),
            patience,
          )
          .toBe(true)
      }
      expect(told().length).toBeGreaterThan(0)
      expect(told().join('\n')).not.toContain(password())
    })
  })
}
