import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { countRulesByState, saveRule } from '#db/repositories/rules.ts'
import { listWatchedRules, listWorstRules } from '#db/repositories/watched-rules.ts'
import { endTroubles, loadTroubles, recordTroubles } from '#db/repositories/troubled-rules.ts'
import { rules } from '#db/schema/rules.ts'
import { parseRuleDraft, type Rule } from '#engine/rule/rule.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())
beforeEach(async () => {
  await memory.db.delete(rules)
})

async function aRule(name: string, parts: object = {}, createdAt = start): Promise<Rule> {
  const parsed = parseRuleDraft({
    name,
    severity: 'INFO',
    conditionKind: 'LOG_PATTERN',
    condition: {
      kind: 'LOG_PATTERN',
      scope: {},
      level: 'ERROR',
      pattern: 'x',
      threshold: 1,
      windowSeconds: 60,
    },
    evaluationIntervalSeconds: 20,
    ...parts,
  })
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  const rule = { ...parsed.draft, id: randomUUID(), environment: 'prod', createdAt }
  await saveRule(memory.db, rule, 'a test')
  return rule
}

describe('why a rule was not answered', () => {
  test('is kept, with since when, and written only when it changes', async () => {
    const [one] = [await aRule('one'), await aRule('two')]
    const troubles = new Map([[one.id, 'The pattern is bad.']])
    await recordTroubles(memory.db, troubles, start)
    const first = await states()
    expect(first.map(({ name, error }) => [name, error])).toEqual([
      ['one', 'The pattern is bad.'],
      ['two', null],
    ])
    await recordTroubles(memory.db, troubles, after(5))
    expect(await states()).toEqual(first)
    await recordTroubles(memory.db, new Map([[one.id, 'The store is down.']]), after(10))
    expect([...(await loadTroubles(memory.db))]).toEqual([
      [one.id, { because: 'The store is down.', since: start }],
    ])
    await endTroubles(memory.db, [one.id])
    expect((await states()).map(({ error }) => error)).toEqual([null, null])
    expect((await loadTroubles(memory.db)).size).toBe(0)
  })

  async function states() {
    return memory.db
      .select({ name: rules.name, error: rules.lastError, version: sql<string>`ctid::text` })
      .from(rules)
      .orderBy(rules.name)
  }
})

test('the list is by name, the counts by state', async () => {
  await aRule('b')
  await aRule('a', { enabled: false })
  expect((await listWatchedRules(memory.db)).map(({ rule, firing }) => [rule.name, firing])).toEqual([
    ['a', false],
    ['b', false],
  ])
  expect(await listWatchedRules(memory.db, { environment: 'elsewhere' })).toEqual([])
  expect(await countRulesByState(memory.db)).toEqual({ enabled: 1, disabled: 1 })
})

test('of many the worst are listed: what fires first, then by name', async () => {
  for (const name of ['b', 'a', 'c']) await aRule(name)
  const firing = await aRule('d')
  await memory.db.execute(sql`insert into alerts
    (id, check_id, rule_id, environment, state, severity, title, summary, entity, labels, started_at)
    values (gen_random_uuid(), gen_random_uuid(), ${firing.id}::uuid, 'prod', 'FIRING', 'WARNING', '', '', '', '{}', now())`)

  const { rules: worst, ...counted } = await listWorstRules(memory.db, 3)

  expect(worst.map(({ rule }) => rule.name)).toEqual(['d', 'a', 'b'])
  expect(counted).toEqual({ total: 4, firing: 1 })
})
