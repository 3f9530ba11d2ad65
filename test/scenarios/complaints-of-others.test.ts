import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { messageAbout } from '#test/harness/local-chat.ts'
import { push } from '#test/harness/pushed.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const root = join(import.meta.dirname, '../..')

/** What users of other programs complain about most, and the test that it does not happen here. */
const proven: readonly (readonly [complaint: string, file: string, test: string])[] = [
  [
    'Grafana #36376, #39056, #82585: no data must be able to keep what was',
    'test/scenarios/exchanges-metrics-and-logs.test.ts',
    'a JVM metric fires by its worst agent, waits for its recovery threshold, and is over below it',
  ],
  [
    'Grafana #77800: errors of the store flap with the real alert',
    'test/scenarios/store-down.test.ts',
    'while the store is %s no alert is lost or invented, one alert says so, and it resumes by itself',
  ],
  [
    'SigNoz #7426: a count of nothing is a count',
    'test/engine/rule/conditions.test.ts',
    'but their throughput is 0',
  ],
  [
    'Grafana #61512, #114609, #53990, #125705, SigNoz #9088, #9067: every replica evaluates everything',
    'test/workers/tick.test.ts',
    'is claimed by one of many workers',
  ],
  [
    'ElastAlert #2534, SigNoz #9279: late data is missed',
    'test/workers/exchanges/every-exchange.test.ts',
    'two writers: the one that began first commits last, and none of its rows is missed',
  ],
  [
    'PostHog #91700: an empty trailing bucket is read as 0',
    'test/engine/rule/conditions.test.ts',
    'so does a count below a limit',
  ],
  [
    'SigNoz #9313: a delay where it cannot matter',
    'test/engine/rule/conditions.test.ts',
    'a count that late rows only raise fires at once',
  ],
  [
    'SigNoz #2811: no hysteresis',
    'test/engine/rule/jvm-metric.test.ts',
    'what fires goes on until the recovery threshold',
  ],
  [
    'Kibana #146219: laptops that are switched off at night recover',
    'test/scenarios/exchanges-metrics-and-logs.test.ts',
    'a JVM metric fires by its worst agent, waits for its recovery threshold, and is over below it',
  ],
  [
    'ElastAlert2 #187: rules are skipped in silence when there are many',
    'test/workers/tick.test.ts',
    'nobody came for in time is skipped for the newest, and counted',
  ],
  [
    'ElastAlert #1938: what lags never catches up',
    'test/workers/tick.test.ts',
    'slots missed while nobody ran are evaluated once, not replayed',
  ],
  [
    'OpenObserve #3750, Kibana #206313, #239573: what was skipped cannot be audited',
    'test/scenarios/evaluation-over-rest.test.ts',
    'when rules were not looked at is listed, newest first, page by page, with what was missed',
  ],
  [
    'Prometheus #15175: a restart makes what fires pending again',
    'test/scenarios/evaluation.test.ts',
    'what fires goes on firing through a restart, and is told once',
  ],
  [
    'HyperDX #3059: the rows that are shown come from another query than the count',
    'test/workers/telemetry/reader.test.ts',
    'and a trace answers what asking at each of its slots would',
  ],
  [
    'OpenObserve #13458: only the first point of a request is evaluated',
    'test/workers/exchanges/every-exchange.test.ts',
    'more than a page of them in the same millisecond',
  ],
  [
    'OpenObserve #4394: an invalid query leaves no record',
    'test/scenarios/evaluation-trouble.test.ts',
    'is found and says why; the others fire, and the store is not blamed',
  ],
  [
    'ElastAlert #739: what was seen is forgotten by the wall clock',
    'test/workers/exchanges/every-exchange.test.ts',
    'keys are forgotten by how far was read, and not before',
  ],
]

describe('proven elsewhere', () => {
  test.each(proven)('%s', (_complaint, file, name) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(name)
  })
})

describe('proven here', () => {
  let house: House

  beforeEach(async () => {
    house = await startHouse()
  })
  afterEach(() => house.close())

  async function lookEvery5s(times: number): Promise<void> {
    for (let slot = 0; slot < times; slot += 1) await house.lookAfter('5s')
  }

  const failures = {
    kind: 'ROUTE_METRIC',
    scope: { appSlug: 'payment-service' },
    metric: 'ERROR_COUNT',
    comparator: 'GT',
    threshold: 3,
    windowSeconds: 60,
  }
  const toneOf = async (number: number) => (await messageAbout(house, number))?.message.tone

  test('Grafana #16290: no data that fires ignores how long it must last', async () => {
    await house.rule({ noDataPolicy: 'FIRE', forDurationSeconds: 20 })
    await lookEvery5s(4)
    expect(await house.localMessages()).toEqual([])
    await house.lookAfter('5s')
    expect(await toneOf(1)).toBe('critical')
  })

  test('OpenObserve #4495: several rules on one stream make an alert fire several times', async () => {
    for (const name of ['One', 'Two', 'Three']) await house.rule({ name, condition: failures })
    await house.executions(4, { status: 'FAILED' })
    await lookEvery5s(3)
    const headlines = (await house.localMessages()).map(({ message }) => message.headline.slice(3))
    expect(headlines.toSorted()).toEqual(['One', 'Three', 'Two'])
  })

  test('OpenObserve #4681: after the first run the window is only as long as the interval', async () => {
    await house.rule({ condition: failures })
    for (let row = 0; row < 3; row += 1) {
      await house.executions(1, { status: 'FAILED' })
      await lookEvery5s(2)
    }
    expect(await house.localMessages()).toEqual([])
    await house.executions(1, { status: 'FAILED' })
    await house.lookAfter('5s')
    expect(await toneOf(1)).toBe('critical')
  })

  test('HyperDX #2623: what begins and ends between two looks is lost, or never ends', async () => {
    await house.rule({ condition: failures, evaluationIntervalSeconds: 60 })
    await house.lookAfter('5s')
    house.clock.forward('20s')
    await house.executions(5, { status: 'FAILED' })
    house.clock.forward('5s')
    await house.executions(50)
    await house.lookAfter('35s')
    expect(await toneOf(1)).toBe('critical')
    await house.executions(50)
    await house.lookAfter('60s')
    await house.lookAfter('60s')
    expect(await toneOf(1)).toBe('resolved')
    expect(await house.localMessages()).toHaveLength(1)
  })

  test('Kibana #259886: what flaps is told again before it has lasted long enough', async () => {
    const say = (state: 'ok' | 'critical', initialFailureDelaySeconds: number) =>
      push(house, { state, initialFailureDelaySeconds })
    for (let turn = 0; turn < 4; turn += 1) {
      await say('critical', 0)
      house.clock.forward('5s')
      await say('ok', 0)
      house.clock.forward('5s')
    }
    expect((await house.localMessages()).map(({ message }) => message.tone)).not.toContain('critical')
    await say('critical', 60)
    house.clock.forward('30s')
    await say('critical', 60)
    expect((await house.localMessages()).map(({ message }) => message.tone)).not.toContain('critical')
    house.clock.forward('31s')
    await say('critical', 60)
    expect((await house.localMessages()).map(({ message }) => message.tone)).toContain('critical')
  })
})

describe('proven here, without what flaps being held together', () => {
  let house: House

  beforeEach(async () => {
    house = await startHouse({ settings: { flapping: null } })
  })
  afterEach(() => house.close())

  test('Kibana #239852: with flapping off, what must last never fires', async () => {
    await house.rule({ forDurationSeconds: 15 })
    for (let slot = 0; slot < 4; slot += 1) {
      await house.executions(5, { status: 'FAILED' })
      house.clock.forward('5s')
      await house.tick()
      await house.settled()
    }
    expect((await messageAbout(house, 1))?.message.tone).toBe('critical')
  })
})
