import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomUUID } from 'node:crypto'
import type { Memory } from '#db/client.ts'
import { saveRule } from '#db/repositories/rules.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'
import { tickRules } from '#workers/processors/tick.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())

const hourly = {
  name: 'Once an hour',
  severity: 'INFO',
  conditionKind: 'LOG_PATTERN',
  condition: {
    kind: 'LOG_PATTERN',
    scope: {},
    level: 'ERROR',
    pattern: 'x',
    threshold: 1,
    windowSeconds: 3600,
  },
  evaluationIntervalSeconds: 3600,
}

test('a rule whose job the queue did not take is due again at the next tick, not an hour later', async () => {
  const parsed = parseRuleDraft(hourly)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  const rule = { ...parsed.draft, id: randomUUID(), environment: 'prod', createdAt: start }
  await saveRule(memory.db, rule, 'a test')
  const handedOver: string[] = []
  const down = { db: memory.db, enqueue: () => Promise.reject(new Error('the queue is down')) }
  const well = { db: memory.db, enqueue: async (ids: readonly string[]) => void handedOver.push(...ids) }

  await expect(tickRules(down, start)).rejects.toThrow('the queue is down')
  expect(await tickRules(well, after(5))).toBe(1)
  expect(await tickRules(well, after(10))).toBe(0)
  expect(handedOver).toEqual([rule.id])
})
