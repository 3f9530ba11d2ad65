import { expect, test } from 'vitest'
import type { LogsQuestion } from '#engine/telemetry/telemetry.ts'
import { openSampler } from '#workers/telemetry/rings/sample-questions.ts'

const question = (windowSeconds: number, app: string): LogsQuestion => ({
  about: 'logs',
  environment: 'prod',
  app,
  levels: ['ERROR'],
  pattern: 'x',
  windowSeconds,
})

const questions = [60, 600, 3600].flatMap((seconds) => ['a', 'b', 'c'].map((app) => question(seconds, app)))

const told = (some: readonly LogsQuestion[]) => some.map(({ windowSeconds, app }) => `${windowSeconds}${app}`)

test('each length of window has its turn, and each question', () => {
  const sampler = openSampler<LogsQuestion>(2)
  const turns = Array.from({ length: 6 }, () => told(sampler.next(questions)))
  expect(turns).toEqual([
    ['60a', '60b'],
    ['600a', '600b'],
    ['3600a', '3600b'],
    ['60c', '60a'],
    ['600c', '600a'],
    ['3600c', '3600a'],
  ])
})

test('what takes too long is left alone for a while, and not for ever', () => {
  const sampler = openSampler<LogsQuestion>(1)
  const lengths: number[] = []
  const take = (isTooMuch: (seconds: number) => boolean) => {
    const some = sampler.next(questions)
    const [{ windowSeconds } = question(0, '')] = some
    lengths.push(windowSeconds)
    if (isTooMuch(windowSeconds)) sampler.wasTooMuch(some)
    else sampler.wasFine()
  }
  // The store is away once; then it is as it was.
  take(() => true)
  expect(lengths).toEqual([60])
  for (let turn = 0; turn < 40; turn++) take(() => false)
  expect(lengths.slice(1, 3)).toEqual([60, 60])
  expect(new Set(lengths.slice(-3))).toEqual(new Set([60, 600, 3600]))
  // An hour is too much for it for good: it is tried now and then, and the others are not forgotten for it.
  lengths.length = 0
  for (let turn = 0; turn < 30; turn++) take((seconds) => seconds === 3600)
  const tries = lengths.filter((seconds) => seconds === 3600).length
  expect(tries).toBeGreaterThan(0)
  expect(tries).toBeLessThan(10)
  expect(lengths.filter((seconds) => seconds === 600).length).toBeGreaterThan(tries)
})
