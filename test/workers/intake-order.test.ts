import * as fc from 'fast-check'
import pino from 'pino'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { alerts, checks, timeline } from '#db/schema/alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { advance } from '#engine/advance/advance.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import type { Event } from '#engine/event.ts'
import { newsOf } from '#engine/notify/plan.ts'
import { emptyTables, testMemory } from '#test/harness/database.ts'
import { aCheck, after, anEvent } from '#test/harness/engine-things.ts'
import { drainBatches } from '#workers/processors/drain.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  for (const key of ['one', 'two'])
    await rememberDestination(memory.db, { surface: 'local', key, name: key, address: {} })
})
afterAll(() => memory.close())

const repeatSeconds = 60
/** Flapping groups what is told; here every turn has to be told by itself. */
const settings = { ...defaultDecisionSettings, flapping: null }

const anyEvent = fc
  .record({
    check: fc.constantFrom('a', 'b', 'c'),
    state: fc.constantFrom('ok', 'ok', 'info', 'warning', 'critical', 'critical', 'unknown'),
    initialFailureDelaySeconds: fc.constantFrom(0, 0, 30),
  })
  .map((parts) => anEvent({ ...parts, repeatFailureDelaySeconds: repeatSeconds, judgedBy: 'arrival' }))

/** Requests of any size, some of them said twice or late, and pauses in which any number of hands decide what is there. */
const anyStep = fc.oneof(
  { weight: 5, arbitrary: fc.array(anyEvent, { minLength: 1, maxLength: 4 }) },
  { weight: 2, arbitrary: fc.constant('again' as const) },
  { weight: 1, arbitrary: fc.constant('an old one' as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      wait: fc.constantFrom(0, 1, 29, 30, 60, 61),
      drains: fc.integer({ min: 1, max: 3 }),
    }),
  },
)

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

interface Decision {
  readonly events: readonly Event[]
  readonly second: number
}

/** Plays the steps on the real processor, and tells which events were decided when. */
async function play(steps: readonly Step[]): Promise<Decision[]> {
  const requests: Event[][] = []
  const decisions: Decision[] = []
  let second = 0
  let waiting: Event[] = []
  const accept = async (items: Event[] | undefined) => {
    if (!items) return
    requests.push(items)
    waiting.push(...items)
    const place = { environment: 'prod', receivedAt: after(second) }
    await acceptBatch(memory.db, { source: 'events', items }, place)
  }
  const decide = async (drains: number) => {
    const clock = () => after(second)
    const log = pino({ level: 'silent' })
    const hands = { db: memory.db, settings, announce: async () => undefined, clock, log }
    await Promise.all(Array.from({ length: drains }, () => drainBatches(hands)))
    decisions.push({ events: waiting, second })
    waiting = []
  }
  for (const step of steps) {
    if (step === 'again') await accept(requests.at(-1))
    else if (step === 'an old one') await accept(requests[0])
    else if (Array.isArray(step)) await accept(step)
    else {
      second += step.wait
      await decide(step.drains)
    }
  }
  await decide(2)
  return decisions
}

/** What one careful pair of hands would have told, one event at a time: reasons, by check. */
function told(decisions: readonly Decision[]): string[] {
  const known = new Map<string, { check: Check; alert: Alert | undefined }>()
  const seen: string[] = []
  for (const { events, second } of decisions) {
    for (const event of events) {
      const { check, alert } = known.get(event.check) ?? {
        check: aCheck({ id: event.check }),
        alert: undefined,
      }
      const now = after(second)
      const step = advance({ check, alert, event, now, newId: () => 'new', settings: settings.notification })
      const open = step.alert?.state === 'RESOLVED' ? undefined : step.alert
      known.set(event.check, { check: step.check, alert: open })
      const news = step.happening && newsOf(step.happening)
      if (news?.kind) seen.push(`${event.check} ${news.kind} ${second}`)
    }
  }
  return seen.toSorted()
}

test('no order of duplicates and delays makes two notifications of one reason', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 3, maxLength: 14 }), async (steps) => {
      await emptyTables(memory.db)
      const decisions = await play(steps)

      const story = await memory.db
        .select({ entry: timeline, check: checks.name })
        .from(timeline)
        .innerJoin(alerts, eq(alerts.incidentId, timeline.incidentId))
        .innerJoin(checks, eq(checks.id, alerts.checkId))
        .orderBy(asc(timeline.id))
      const secondOf = (at: Date) => (at.getTime() - after(0).getTime()) / 1000
      const lines = story.map(({ entry, check }) => `${check} ${entry.kind} ${secondOf(entry.at)}`)
      expect(lines.toSorted()).toEqual(told(decisions))

      const rows = await memory.db.select().from(notifications)
      // Everything in the story is told each place once, and nothing else is.
      const tellings = rows.map(({ entryId, destinationId }) => `${entryId} ${destinationId}`)
      expect(new Set(tellings).size).toBe(tellings.length)
      expect(tellings.length).toBe(story.length * 2)
      // In one incident it begins once and ends once at most, and it gets worse as often as there is worse.
      for (const same of Map.groupBy(rows, (row) => `${row.incidentId} ${row.destinationId}`).values()) {
        const count = (reason: string) => same.filter((row) => row.reason === reason).length
        expect(count('first')).toBe(1)
        expect(count('recovered')).toBeLessThanOrEqual(1)
        expect(count('severity-rise')).toBeLessThanOrEqual(2)
      }
      for (const reminded of Map.groupBy(story, ({ entry }) => entry.incidentId).values()) {
        const instants = reminded
          .filter(({ entry }) => entry.kind === 'reminded')
          .map(({ entry }) => secondOf(entry.at))
        for (const [index, instant] of instants.entries())
          expect(instant - (instants[index - 1] ?? -repeatSeconds)).toBeGreaterThanOrEqual(repeatSeconds)
      }
    }),
    { numRuns: 40 },
  )
}, 60_000)
