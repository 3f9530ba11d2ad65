import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { unhurried } from '#bot/api/unhurried.ts'

test('what took long to find stands for long, and whoever asks meanwhile gets it', async () => {
  let searches = 0
  const find = unhurried(async () => {
    await pause(50)
    return ++searches
  })
  expect(await Promise.all([find(), find()])).toEqual([1, 1])
  await pause(100)
  expect(await find()).toBe(1)
})

test('what is found at once is looked for again', async () => {
  let searches = 0
  const find = unhurried(() => Promise.resolve(++searches))
  await find()
  await expect.poll(find).toBeGreaterThan(1)
})

test('a search that failed is begun anew', async () => {
  let searches = 0
  const find = unhurried(async () => {
    if (++searches === 1) throw new Error('the database is away')
    return searches
  })
  await expect(find()).rejects.toThrow('the database is away')
  expect(await find()).toBe(2)
})
