import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { listGaps } from '#db/repositories/evaluation-gaps.ts'
import { claimSlot, commitSlot, listShards } from '#db/repositories/evaluation-shards.ts'
import { lockRule, removeRule, replaceRule, saveRule } from '#db/repositories/rules.ts'
import { listWatchedRules } from '#db/repositories/watched-rules.ts'
import {
  evaluationClock,
  evaluationGaps,
  evaluationKinds,
  evaluationShards,
  ruleRevisions,
} from '#db/schema/evaluation.ts'
import { rules } from '#db/schema/rules.ts'
import { isRuleDue } from '#engine/rule/due.ts'
import { parseRuleDraft, type Rule } from '#engine/rule/rule.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'
import { openRuleBook, type RuleBook } from '#workers/evaluation/rule-book.ts'
import { tickRules } from '#workers/evaluation/tick.ts'

let memory: Memory
let book: RuleBook

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())
beforeEach(async () => {
  for (const table of [
    rules,
    ruleRevisions,
    evaluationClock,
    evaluationShards,
    evaluationGaps,
    evaluationKinds,
  ])
    await memory.db.delete(table)
  book = openRuleBook(memory.db)
})

const logPattern = {
  kind: 'LOG_PATTERN',
  scope: {},
  level: 'ERROR',
  pattern: 'x',
  threshold: 1,
  windowSeconds: 60,
}

const routeMetric = {
  kind: 'ROUTE_METRIC',
  scope: {},
  metric: 'ERROR_COUNT',
  comparator: 'GT',
  threshold: 1,
  windowSeconds: 60,
}

/** An id whose turns begin at the epoch: nothing is left to dice. */
function plainId(): string {
  return `00000000${randomUUID().slice(8)}`
}

async function aRule(name: string, seconds: number, parts: object = {}): Promise<Rule> {
  const parsed = parseRuleDraft({
    name,
    severity: 'INFO',
    conditionKind: 'LOG_PATTERN',
    condition: logPattern,
    evaluationIntervalSeconds: seconds,
    ...parts,
  })
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  const rule = { ...parsed.draft, id: plainId(), environment: 'prod', createdAt: start }
  await saveRule(memory.db, rule, 'a test')
  return rule
}

const queueThatTakes = { enqueue: async () => undefined }

function tickAt(seconds: number, queue: Pick<Parameters<typeof tickRules>[0], 'enqueue'> = queueThatTakes) {
  return tickRules({ db: memory.db, book, ...queue }, after(seconds))
}

/** What a worker does, without asking anybody; answers the names of those it would have asked about. */
async function evaluate(shard: string): Promise<string | undefined> {
  const claim = await claimSlot(memory.db, shard)
  if (!claim) return undefined
  const { revision, shards } = await book.current()
  const standing = { isFailing: false, isTroubled: false }
  const due = shards
    .get(shard)
    ?.rules.filter((rule) => isRuleDue(rule, claim.progress, claim.slot.getTime(), standing))
  await commitSlot(memory.db, claim, { revision, isTroubled: false, troubledStore: null, lagMs: 0 })
  return due?.map(({ rule }) => rule.name).join()
}

async function evaluatedAt(seconds: number): Promise<string> {
  const names = []
  for (const shard of await tickAt(seconds)) names.push(await evaluate(shard))
  return `${seconds}: ${names.join()}`
}

async function evaluatedAtEach(...seconds: readonly number[]): Promise<string[]> {
  const seen = []
  for (const second of seconds) seen.push(await evaluatedAt(second))
  return seen
}

describe('which rules are due', () => {
  test('each when it is new, and then at the turns of its own interval', async () => {
    await aRule('every 20 s', 20)
    await aRule('every 30 s', 30)
    expect(await evaluatedAtEach(5, 10, 15, 20, 25, 30, 35, 40, 60)).toEqual([
      '5: every 20 s,every 30 s',
      '10: ',
      '15: ',
      '20: every 20 s',
      '25: ',
      '30: every 30 s',
      '35: ',
      '40: every 20 s',
      '60: every 20 s,every 30 s',
    ])
  })

  test('one that was changed or switched on, at the next tick', async () => {
    const rule = await aRule('hourly', 3600)
    expect(await evaluatedAtEach(5, 10)).toEqual(['5: hourly', '10: '])
    await change(rule, { name: 'changed' })
    expect(await evaluatedAtEach(15, 20)).toEqual(['15: changed', '20: '])
    await change(rule, { enabled: false })
    expect(await evaluatedAtEach(3600, 7200)).toEqual(['3600: ', '7200: '])
    await change(rule, { enabled: true })
    expect(await evaluatedAtEach(7205, 7210)).toEqual(['7205: hourly', '7210: '])
  })

  test('none that was deleted', async () => {
    const rule = await aRule('gone soon', 5)
    await evaluatedAt(5)
    await memory.db.transaction((tx) => removeRule(tx, rule.id, after(6)))
    expect(await tickAt(10)).toEqual([])
    expect(await listWatchedRules(memory.db)).toEqual([])
  })

  test('slots missed while nobody ran are evaluated once, not replayed', async () => {
    await aRule('every 20 s', 20)
    expect(await evaluatedAtEach(0, 105, 110, 115, 120)).toEqual([
      '0: every 20 s',
      '105: every 20 s',
      '110: ',
      '115: ',
      '120: every 20 s',
    ])
  })

  test('a clock set back an hour stops nobody', async () => {
    await aRule('every 20 s', 20)
    await evaluatedAt(7200)
    expect(await evaluatedAtEach(3600, 3605, 3620, 3640)).toEqual([
      '3600: every 20 s',
      '3605: ',
      '3620: every 20 s',
      '3640: every 20 s',
    ])
  })

  test('a tick that comes late offers nothing', async () => {
    await aRule('every 5 s', 5)
    await evaluatedAt(20)
    expect(await tickAt(20)).toEqual([])
    expect(await tickAt(0)).toEqual([])
  })

  async function change(rule: Rule, parts: Partial<Rule>) {
    await memory.db.transaction(async (tx) => {
      await lockRule(tx, 'prod', rule.id)
      await replaceRule(tx, { ...rule, ...parts }, start)
    })
  }
})

describe('a slot', () => {
  test('whose job the queue did not take is made up for by the next, not an hour later', async () => {
    await aRule('hourly', 3600)
    const enqueue = () => Promise.reject(new Error('the queue is down'))
    await expect(tickAt(0, { enqueue })).rejects.toThrow('the queue is down')
    expect(await evaluatedAtEach(5, 10)).toEqual(['5: hourly', '10: '])
  })

  test('whose worker died is made up for by the next', async () => {
    await aRule('hourly', 3600)
    await tickAt(0)
    expect(await claimSlot(memory.db, 'logs')).toBeDefined()
    expect(await evaluatedAtEach(5, 10)).toEqual(['5: hourly', '10: '])
  })

  test('is claimed by one of many workers', async () => {
    await aRule('any', 5)
    await tickAt(0)
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimSlot(memory.db, 'logs')))
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
  })

  test('that was superseded while its worker was busy decides nothing', async () => {
    await aRule('any', 5)
    await tickAt(0)
    const slow = await claimSlot(memory.db, 'logs')
    await tickAt(5)
    expect(await evaluate('logs')).toBe('any')
    const isKept =
      slow &&
      (await commitSlot(memory.db, slow, { revision: 0, isTroubled: false, troubledStore: null, lagMs: 0 }))
    expect(isKept).toBe(false)
    expect((await listShards(memory.db))[0]?.committedSlot).toEqual(after(5))
  })

  test('nobody came for in time is skipped for the newest, and counted', async () => {
    await aRule('any', 5)
    for (const second of [0, 5, 10]) await tickAt(second)
    expect(await evaluate('logs')).toBe('any')
    expect(await evaluate('logs')).toBeUndefined()
    expect(await listShards(memory.db)).toMatchObject([{ committedSlot: after(10), superseded: 2 }])
  })

  test('concerns only what looks at the same relation', async () => {
    await aRule('logs', 5)
    await aRule('executions', 30, { conditionKind: 'ROUTE_METRIC', condition: routeMetric })
    expect((await tickAt(0)).toSorted()).toEqual(['executions', 'logs'])
    await evaluate('logs')
    await evaluate('executions')
    expect(await tickAt(5)).toEqual(['logs'])
  })
})

describe('when nobody ran', () => {
  test('that is noted for every shard, with what was missed', async () => {
    await aRule('any', 5)
    await evaluatedAtEach(0, 5, 125)
    expect(await listGaps(memory.db, start, 10)).toEqual([
      { shard: 'logs', after: after(5), until: after(125), missed: 23, reason: 'stopped' },
    ])
    expect(await listShards(memory.db)).toMatchObject([{ missed: 23 }])
  })

  test('a restart of a few seconds is nothing to note', async () => {
    await aRule('any', 5)
    await evaluatedAtEach(0, 15)
    expect(await listGaps(memory.db, start, 10)).toEqual([])
  })

  test('rules of hours that are overdue run once, within a minute', async () => {
    for (let index = 0; index < 12; index++) {
      const parsed = parseRuleDraft({
        name: `rule ${index}`,
        severity: 'INFO',
        conditionKind: 'LOG_PATTERN',
        condition: logPattern,
        evaluationIntervalSeconds: 43_200,
      })
      if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
      const id = `0000000${index.toString(16)}${randomUUID().slice(8)}`
      await saveRule(memory.db, { ...parsed.draft, id, environment: 'prod', createdAt: start }, 'a test')
    }
    await evaluatedAt(-600)
    const ticks = Array.from({ length: 16 }, (_, index) => 600 + 5 * index)
    const seen = (await evaluatedAtEach(...ticks)).map((line) => line.replace(/^\d+: /, ''))
    const overdue = ['rule 0', ...Array.from({ length: 11 }, (_, index) => `rule ${index + 1}`)]
    expect(seen.filter((names) => names !== '').length).toBe(12)
    expect(seen.flatMap((names) => names.split(',').filter(Boolean)).toSorted()).toEqual(overdue.toSorted())
  })
})

test('a second outage right after the first makes nobody wait for hours', async () => {
  const rule = await aRule('late', 43_200)
  await memory.db
    .update(rules)
    .set({ id: `0000000b${rule.id.slice(8)}` })
    .where(eq(rules.id, rule.id))
  expect(await evaluatedAtEach(-600, 600, 630)).toEqual(['-600: late', '600: ', '630: '])
  const ticks = Array.from({ length: 11 }, (_, index) => 635 + 5 * index)
  expect((await evaluatedAtEach(...ticks)).at(-1)).toBe('685: late')
})

describe('when a rule was evaluated', () => {
  test('is told although nothing is written for it', async () => {
    await aRule('every 5 s', 5)
    await aRule('every 20 s', 20)
    await aRule('hourly', 3600)
    expect(await times()).toEqual([null, null, null])
    await evaluatedAtEach(0, 5, 10, 15, 20, 25, 30)
    expect(await times()).toEqual([after(20), after(30), start])
  })

  async function times() {
    return (await listWatchedRules(memory.db)).map(({ lastEvaluatedAt }) => lastEvaluatedAt)
  }
})
