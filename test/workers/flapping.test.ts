import { asc, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { alerts, checks, incidents, timeline } from '#db/schema/alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { mostChanges } from '#engine/advance/flapping.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import type { CheckState } from '#engine/event.ts'
import { resolve } from '#engine/incident/decide.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { plainMessage } from '#engine/message/plain.ts'
import { deservesReply } from '#engine/notify/plan.ts'
import { emptyTables, testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent } from '#test/harness/engine-things.ts'
import { calmFlapping } from '#workers/processors/calm-flapping.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
})
afterAll(() => memory.close())
beforeEach(() => emptyTables(memory.db))

const say = (state: CheckState, second: number, parts: object = {}) =>
  takeIn(memory.db, [anEvent({ state, judgedBy: 'arrival', ...parts })], after(second), settings)

/** Turns every ten seconds, from well to ill and back: `changes` of them. */
async function flap(changes: number, from = 0, failing: CheckState = 'critical'): Promise<void> {
  for (let change = 0; change < changes; change++)
    await say(change % 2 === 0 ? failing : 'ok', from + change * 10)
}

const sweep = (second: number) =>
  calmFlapping({ db: memory.db, settings, announce: async () => undefined, clock: () => after(second) })

async function story(): Promise<string[]> {
  const rows = await memory.db
    .select({ kind: timeline.kind, number: incidents.number })
    .from(timeline)
    .innerJoin(incidents, eq(incidents.id, timeline.incidentId))
    .orderBy(asc(timeline.id))
  const first = rows[0]?.number ?? 0
  return rows.map(({ kind, number }) => `#${number - first + 1} ${kind}`)
}

async function view(second: number): Promise<string> {
  const [newest] = await memory.db
    .select()
    .from(incidents)
    .orderBy(sql`number desc`)
  const found = newest && (await findStoryByNumber(memory.db, newest.number, after(second)))
  return found ? plainMessage(composeIncident(found, after(second))) : ''
}

const newestAlert = async () =>
  (
    await memory.db
      .select()
      .from(alerts)
      .orderBy(sql`started_at desc`)
  )[0] ?? null

describe('a check that turns often', () => {
  test('is told turn by turn, then as flapping, then not at all; its state is what it is', async () => {
    await say('ok', 0)
    await flap(6, 10)
    expect(await story()).toEqual([
      '#1 fired',
      '#1 recovered',
      '#2 fired',
      '#2 recovered',
      '#3 fired',
      '#3 flapping-started',
    ])
    expect(await newestAlert()).toMatchObject({ state: 'RESOLVED' })
    await say('critical', 70)
    expect(await newestAlert()).toMatchObject({ state: 'FIRING', startedAt: after(50), resolvedAt: null })
    expect(
      await memory.db
        .select()
        .from(incidents)
        .where(sql`closed_at is null`),
    ).toHaveLength(1)
    expect(await view(71)).toContain('Flapping: 7 changes in 10 min')
    await flap(4, 80, 'critical')
    expect(await story()).toHaveLength(6)
    expect(await memory.db.select().from(alerts)).toHaveLength(3)
    const told = await memory.db.select().from(notifications)
    expect(told.filter(({ reason }) => deservesReply(reason))).toHaveLength(3)
  })

  test('what is worse than it ever was is said', async () => {
    await say('ok', 0)
    await flap(6, 10, 'warning')
    await say('critical', 70)
    await say('ok', 80)
    await say('critical', 90)
    expect((await story()).slice(5)).toEqual(['#3 flapping-started', '#3 severity-rose'])
  })

  test('calms down while it is well: the sweeper says so, and the next failure is news', async () => {
    await say('ok', 0)
    await flap(6, 10)
    await sweep(629)
    expect(await view(629)).toContain('Flapping')
    await sweep(630)
    await sweep(635)
    expect((await story()).slice(6)).toEqual(['#3 flapping-stopped'])
    expect(await view(636)).not.toContain('Flapping')
    await say('critical', 640)
    expect((await story()).slice(7)).toEqual(['#4 fired'])
  })

  test('calms down while it fails: it is one alert that goes on', async () => {
    await say('ok', 0)
    await flap(7, 10)
    await say('critical', 650)
    expect((await story()).slice(6)).toEqual(['#3 flapping-stopped'])
    expect(await newestAlert()).toMatchObject({ state: 'FIRING' })
    await say('ok', 660)
    expect((await story()).slice(7)).toEqual(['#3 recovered'])
  })

  test('the sweeper never makes it fire before its delay', async () => {
    await say('ok', 0)
    await flap(6, 10)
    await say('critical', 70, { initialFailureDelaySeconds: 3600 })
    await sweep(640)
    expect((await story()).slice(6)).toEqual(['#3 flapping-stopped'])
    expect(await newestAlert()).toMatchObject({ state: 'RESOLVED' })
  })

  test('a person who resolves it ends the flapping: after it cleared, it is news again', async () => {
    await say('ok', 0)
    await flap(7, 10)
    const [open] = await memory.db
      .select()
      .from(incidents)
      .where(sql`closed_at is null`)
    const closed = resolve(ana, after(75), null)
    await changeIncident(memory.db, open?.number ?? 0, closed, { now: after(75), settings })
    await say('ok', 80)
    await say('critical', 90)
    expect((await story()).slice(6)).toEqual(['#3 resolved', '#3 cleared', '#4 fired'])
  })

  test('several turns in one batch are the same', async () => {
    const turns = ['ok', 'critical', 'ok', 'critical', 'ok', 'critical', 'ok', 'critical', 'ok'] as const
    await takeIn(
      memory.db,
      turns.map((state) => anEvent({ state, judgedBy: 'arrival' })),
      after(0),
      settings,
    )
    expect((await story()).slice(5)).toEqual(['#3 flapping-started'])
    expect(await newestAlert()).toMatchObject({ state: 'RESOLVED' })
  })

  test('off, every turn is told', async () => {
    for (let turn = 0; turn < 12; turn++)
      await takeIn(
        memory.db,
        [anEvent({ state: turn % 2 === 0 ? 'critical' : 'ok', judgedBy: 'arrival' })],
        after(turn),
        { ...settings, flapping: null },
      )
    expect(await story()).toHaveLength(12)
  })
})

describe('what it costs', () => {
  test('slow turns are never flapping, and the memory of changes stays small', async () => {
    await say('ok', 0)
    await flap(60, 10)
    const [check] = await memory.db.select().from(checks)
    expect(check?.memory.changes).toHaveLength(mostChanges)
    await say('critical', 100_000)
    const [later] = await memory.db.select().from(checks)
    expect(later?.memory.changes).toEqual([after(100_000).getTime() / 1000])
    expect(later?.flapping).toBeNull()
  })

  test('a check that does not change is not written', async () => {
    await say('ok', 0)
    await flap(7, 10)
    const version = () => memory.db.select({ version: sql<string>`xmin::text` }).from(checks)
    const before = await version()
    await say('critical', 80)
    expect(await version()).toEqual(before)
  })
})
