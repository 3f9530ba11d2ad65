import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CompiledRule, compileRule } from '#engine/rule/compile.ts'
import { nothingFails } from '#engine/rule/condition.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'
import { draftOf } from '#test/harness/rule-things.ts'
import { openObserver } from '#workers/evaluation/observer.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry

beforeAll(async () => {
  telemetry = await testTelemetry()
  const line = { environment: 'prod', app: 'orders', agent: 'orders-1', level: 'ERROR', logger: 'test' }
  // Without a line to try it on the store never looks at a pattern.
  await telemetry.store.insert('logs', [{ ...line, message: 'all is well', ts: after(-10) }])
})
afterAll(() => telemetry.close())

/** Of a pattern that no form and no API would take, as it may have been saved by a version that knew less. */
function aRule(pattern: string, revision = 1): CompiledRule {
  const condition = {
    kind: 'LOG_PATTERN',
    scope: {},
    level: 'ERROR',
    pattern: 'x',
    threshold: 1,
    windowSeconds: 300,
  }
  const draft = draftOf(condition)
  const rule: Rule = {
    ...draft,
    condition: { ...draft.condition, pattern } as Rule['condition'],
    id: randomUUID(),
    environment: 'prod',
    createdAt: start,
  }
  return compileRule(rule, revision)
}

test('a rule that spoils the common question is asked alone once a minute, and at once when it was changed', async () => {
  const observer = openObserver(clickHouseTelemetry(telemetry.store))
  const rules = [aRule('fine'), aRule('(')]
  const lookAt = async (second: number) => {
    const shard = { name: 'logs', rules, kinds: ['LOG_PATTERN' as const] }
    const looking = { slot: after(second), standingOf: () => nothingFails }
    const { answered, unanswered } = await observer.observe(shard, rules, looking)
    return [answered.length, ...unanswered.map(({ wasAsked }) => wasAsked)]
  }
  expect(await lookAt(0)).toEqual([1, true])
  expect(await lookAt(5)).toEqual([1, false])
  expect(await lookAt(55)).toEqual([1, false])
  expect(await lookAt(60)).toEqual([1, true])
  expect(await lookAt(65)).toEqual([1, false])
  rules[1] = aRule('mended', 2)
  expect(await lookAt(70)).toEqual([2])
})
