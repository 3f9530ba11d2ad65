import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import {
  claimDueRules,
  countRulesByState,
  listRulesToEvaluate,
  listWatchedRules,
  recordProblems,
  saveRule,
} from '#db/repositories/rules.ts'
import { rules } from '#db/schema/rules.ts'
import { parseRuleDraft, type Rule } from '#engine/rule/rule.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'
import { tickRules } from '#workers/processors/tick.ts'

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

async function claimedAt(seconds: number): Promise<string[]> {
  return (await claimDueRules(memory.db, after(seconds), 100)).map((rule) => rule.name).sort()
}

describe('which rules are due', () => {
  test('each at its own interval, counted from when it was made', async () => {
    await aRule('every 20 s')
    await aRule('every 30 s', { evaluationIntervalSeconds: 30 })
    const seen = []
    for (const second of [0, 10, 20, 30, 40, 50, 60])
      seen.push(`${second}: ${(await claimedAt(second)).join()}`)
    expect(seen).toEqual([
      '0: every 20 s,every 30 s',
      '10: ',
      '20: every 20 s',
      '30: every 30 s',
      '40: every 20 s',
      '50: ',
      '60: every 20 s,every 30 s',
    ])
  })

  test('slots missed while nobody ran are skipped, and the grid stays where it was', async () => {
    await aRule('every 20 s')
    await claimedAt(0)
    expect(await claimedAt(107)).toEqual(['every 20 s'])
    expect(await claimedAt(119.999)).toEqual([])
    expect(await claimedAt(120)).toEqual(['every 20 s'])
  })

  test('a clock set back an hour stops nobody: each goes on at its own interval, on its own grid', async () => {
    await aRule('every 20 s')
    await aRule('hourly', { evaluationIntervalSeconds: 3600 })
    await claimedAt(7200)
    const seen = []
    for (const second of [3595, 3600, 3615, 3620, 3640, 7200])
      seen.push(`${second}: ${(await claimedAt(second)).join()}`)
    expect(seen).toEqual([
      '3595: every 20 s,hourly',
      '3600: every 20 s,hourly',
      '3615: ',
      '3620: every 20 s',
      '3640: every 20 s',
      '7200: every 20 s,hourly',
    ])
  })

  test('the slot of a tick that comes late claims nothing again', async () => {
    await aRule('every 20 s')
    await claimedAt(20)
    expect(await claimedAt(0)).toEqual([])
  })

  test('none before it was made, and none that is switched off', async () => {
    await aRule('later', {}, after(5))
    await aRule('off', { enabled: false })
    expect(await claimedAt(4)).toEqual([])
    expect(await claimedAt(5)).toEqual(['later'])
  })

  test('tickers at once share the work: each rule is claimed by one of them', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `rule ${index}`).sort()
    for (const name of names) await aRule(name)
    const claims = await Promise.all(Array.from({ length: 5 }, () => claimDueRules(memory.db, start, 25)))
    const claimed = claims.flat().map((rule) => rule.name)
    expect(new Set(claimed).size).toBe(claimed.length)
    for (;;) {
      const more = await claimDueRules(memory.db, start, 25)
      if (more.length === 0) break
      claimed.push(...more.map((rule) => rule.name))
    }
    expect(claimed.sort()).toEqual(names)
  })

  test('a tick hands over all that is due, once', async () => {
    const one = await aRule('one')
    const two = await aRule('two')
    const handed: { ruleIds: readonly string[]; slot: Date }[] = []
    const ticker = {
      db: memory.db,
      enqueue: async (ruleIds: readonly string[], slot: Date) => void handed.push({ ruleIds, slot }),
    }
    expect(await tickRules(ticker, start)).toBe(2)
    expect(await tickRules(ticker, start)).toBe(0)
    expect(handed.map(({ slot }) => slot)).toEqual([start])
    expect(handed.flatMap(({ ruleIds }) => ruleIds).sort()).toEqual([one.id, two.id].sort())
  })
})

describe('what is evaluated for a slot', () => {
  test('a rule as it was saved', async () => {
    const rule = await aRule('whole', { description: 'Why', forDurationSeconds: 30, noDataPolicy: 'FIRE' })
    expect(await listRulesToEvaluate(memory.db, [rule.id], start)).toEqual([rule])
  })

  test('not once a later slot of it was claimed, nor what does not exist any more', async () => {
    const rule = await aRule('overtaken')
    await claimedAt(0)
    await claimedAt(20)
    expect(await listRulesToEvaluate(memory.db, [rule.id], start)).toEqual([])
    expect(await listRulesToEvaluate(memory.db, [rule.id, randomUUID()], after(20))).toHaveLength(1)
  })
})

describe('why a rule was not answered', () => {
  test('is kept until it is, and written only when it changes', async () => {
    const [one, two] = [await aRule('one'), await aRule('two')]
    await recordProblems(memory.db, [one, two], [{ rule: one, because: 'The pattern is bad.' }])
    const first = await states()
    expect(first.map(({ name, error }) => [name, error])).toEqual([
      ['one', 'The pattern is bad.'],
      ['two', null],
    ])
    await recordProblems(memory.db, [one, two], [{ rule: one, because: 'The pattern is bad.' }])
    expect(await states()).toEqual(first)
    await recordProblems(memory.db, [one, two], [])
    expect((await states()).map(({ error }) => error)).toEqual([null, null])
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
  expect(await listWatchedRules(memory.db, 'elsewhere')).toEqual([])
  expect(await countRulesByState(memory.db)).toEqual({ enabled: 1, disabled: 1 })
})
