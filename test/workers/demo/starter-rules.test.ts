import { describe, expect, test } from 'vitest'
import { conditionKinds } from '#engine/rule/conditions/registry.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { clusterRules } from '#workers/demo/cluster-rules.ts'
import { faultScript } from '#workers/demo/fault-script.ts'
import { observe } from '#workers/demo/observe.ts'
import { starterRules } from '#workers/demo/starter-rules.ts'
import { buildWorld } from '#workers/demo/world.ts'
import { everyFiveSeconds, readings } from './measure.ts'

const start = Date.parse('2026-11-21T10:00:00.250Z')
const hourMs = 3_600_000
const seed = 7

function isEveryExchange(condition: (typeof starterRules)[number]['condition']): boolean {
  return condition.kind === 'EXCHANGE_MATCH' && condition.fireMode === 'PER_EXCHANGE'
}

test('there is a rule of every kind', () => {
  const all = [...starterRules, ...Object.values(clusterRules).flat()]
  expect(conditionKinds.filter((kind) => !all.some((rule) => rule.conditionKind === kind))).toEqual([])
})

test.each(starterRules.map((rule) => [rule.name, rule] as const))(
  '"%s" is a rule the engine accepts as it is',
  (_, rule) => {
    expect(parseRuleDraft(rule)).toEqual({ draft: expect.objectContaining(rule) })
  },
)

describe('over a healthy hour', () => {
  const rows = observe(buildWorld(start, []), { from: start - hourMs, to: start }, seed)
  const instants = everyFiveSeconds(start - hourMs + 120_000, start)

  const untold = starterRules.filter(({ condition }) => !isEveryExchange(condition))

  test.each(untold.map((rule) => [rule.name, rule] as const))('"%s" never comes close', (_, rule) => {
    const values = readings(rule, rows, instants).map(({ value }) => value ?? Number.NaN)
    const worst = Math.max(...values)
    const threshold = 'threshold' in rule.condition ? rule.condition.threshold : 1
    // A heap is filled by two thirds before it is collected.
    const share = rule.conditionKind === 'JVM_METRIC' ? 0.8 : 0.6
    expect(worst).toBeLessThan(share * threshold)
  })

  test('a refund is refused now and then, and so seldom that each may be told', () => {
    const refused = rows.executions.filter(
      ({ route, status }) => route === 'refund-payment' && status === 'FAILED',
    )
    expect(refused.length).toBeLessThan(10)
  })

  test('fewer than one execution in a hundred fails, and no order call in a hundred takes 400 ms', () => {
    const failed = rows.executions.filter(({ status }) => status === 'FAILED')
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length / rows.executions.length).toBeLessThan(0.01)
    const orders = starterRules.find(({ name }) => name === 'Orders are slow')!
    for (const { value } of readings(orders, rows, instants)) expect(value).toBeLessThan(400)
  })

  test('the patterns that rules look for match less than one line a minute', () => {
    for (const { condition } of starterRules) {
      if (condition.kind !== 'LOG_PATTERN') continue
      const matching = rows.logs.filter(
        ({ app, level, message }) =>
          app === condition.scope.appSlug && level === 'ERROR' && new RegExp(condition.pattern).test(message),
      )
      expect(matching.length).toBeLessThan(60)
    }
  })
})

describe('over one round of the script', () => {
  const rows = observe(buildWorld(start), { from: start - 120_000, to: start + 1_200_000 }, seed)
  const instants = everyFiveSeconds(start, start + 1_200_000)
  const secondsOfBreach = (name: string) => {
    const rule = starterRules.find((each) => each.name === name)!
    const breaching = readings(rule, rows, instants).map(({ verdict }) => verdict === 'breach')
    return instants.filter((_, index) => breaching[index]).map((at) => (at - start) / 1000)
  }

  test.each([
    ['Card payments are failing', 'failing-route'],
    ['Orders are slow', 'slow-service'],
    ['Timeouts in inventory', 'log-burst'],
    ['Shipping is out of memory', 'memory-leak'],
    ['A release of orders does not start', 'failed-deployment'],
    ['The heap of shipping is nearly full', 'memory-leak'],
    ['An agent is dead', 'dead-agent'],
    ['A deployment is failing', 'failed-deployment'],
    ['Shipments are not booked', 'failing-route', 'shipping-service'],
  ] as const)(
    '"%s" breaches because of its fault alone (%s), without a break, and is over again',
    (name, kind, app?: string) => {
      const fault = faultScript.find((each) => each.kind === kind && each.app === (app ?? each.app))!
      const seconds = secondsOfBreach(name)
      const [first, last] = [seconds[0]!, seconds.at(-1)!]
      expect(first).toBeGreaterThan(fault.beginsAtSecond)
      expect(first).toBeLessThan(fault.beginsAtSecond + fault.lastsSeconds)
      expect(last - first).toBeGreaterThanOrEqual(40)
      expect(last).toBeLessThanOrEqual(fault.beginsAtSecond + fault.lastsSeconds + 125)
      expect(seconds).toHaveLength((last - first) / 5 + 1)
    },
  )

  test('the first alert is due within half a minute of the start', () => {
    expect(secondsOfBreach('Card payments are failing')[0]).toBeLessThanOrEqual(30)
  })
})
