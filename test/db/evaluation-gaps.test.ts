import { afterEach, beforeEach, expect, test } from 'vitest'
import { listGaps, pageOfGaps, recordLateness, recordStandstill } from '#db/repositories/evaluation-gaps.ts'
import { claimSlot, commitSlot, listShards, offerSlot } from '#db/repositories/evaluation-shards.ts'
import { testMemory } from '#test/harness/database.ts'

let memory: Awaited<ReturnType<typeof testMemory>>
const start = new Date('2026-03-01T00:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

beforeEach(async () => {
  memory = await testMemory()
  for (const shard of ['executions', 'logs']) {
    await offerSlot(memory.db, [shard], start)
    const claim = await claimSlot(memory.db, shard)
    if (claim)
      await commitSlot(memory.db, claim, { revision: 0, isTroubled: false, troubledStore: null, lagMs: 0 })
  }
})
afterEach(() => memory.close())

const all = () => pageOfGaps(memory.db, { before: undefined, limit: 1000 })

test('an outage of a week is one row for each shard, however many rules and slots it had', async () => {
  await recordStandstill(memory.db, start, after(7 * 86_400))
  const missed = (7 * 86_400) / 5 - 1
  expect(await all()).toMatchObject([
    { shard: 'logs', missed },
    { shard: 'executions', missed },
  ])
})

test('a store that is slow for two hours leaves some rows and not thousands, with the true count', async () => {
  for (let seconds = 0; seconds < 2 * 3600; seconds += 20)
    await recordLateness(memory.db, 'logs', after(seconds), after(seconds + 20))
  const gaps = await all()
  expect(gaps).toHaveLength(2)
  expect(gaps.reduce((sum, { missed }) => sum + missed, 0)).toBe((2 * 3600 * 3) / 20)
  expect(gaps[0]).toMatchObject({ after: after(3600), until: after(2 * 3600), reason: 'late' })
  const [, logs] = await listShards(memory.db)
  expect(logs).toMatchObject({ shard: 'logs', missed: (2 * 3600 * 3) / 20 })
})

test('a process that ends again and again leaves some rows and not thousands', async () => {
  for (let seconds = 0; seconds < 2 * 3600; seconds += 45)
    await recordStandstill(memory.db, after(seconds), after(seconds + 30))
  expect((await all()).length).toBeLessThanOrEqual(2 * 3)
})

test('gaps that lie apart, of another reason or of another shard stay apart', async () => {
  await recordLateness(memory.db, 'logs', start, after(60))
  await recordLateness(memory.db, 'executions', after(60), after(90))
  await recordStandstill(memory.db, after(60), after(120))
  await recordLateness(memory.db, 'logs', after(600), after(700))
  const gaps = await listGaps(memory.db, start, 10)
  expect(gaps.map(({ shard, reason, missed }) => `${shard} ${reason} ${missed}`).toSorted()).toEqual([
    'executions late 5',
    'executions stopped 11',
    'logs late 11',
    'logs late 19',
    'logs stopped 11',
  ])
})
