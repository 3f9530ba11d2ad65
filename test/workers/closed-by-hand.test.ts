import { randomUUID } from 'node:crypto'
import { asc, desc, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { changeMemory } from '#db/repositories/checks.ts'
import { linkContact, saveContact } from '#db/repositories/contacts.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { saveRule } from '#db/repositories/rules.ts'
import { alerts, checks, incidents, timeline } from '#db/schema/alerts.ts'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { contacts, routingVersion } from '#db/schema/contacts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState } from '#engine/event.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { plainLine, plainMessage } from '#engine/message/plain.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { scheduleMaintenance } from '#engine/suppress/maintenance.ts'
import { aRuleBody } from '#test/harness/api-house.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent, start } from '#test/harness/engine-things.ts'
import { reopenClosed } from '#workers/processors/reopen-closed.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
})
afterAll(() => memory.close())
beforeEach(async () => {
  await forgetAlerts(memory.db)
  await memory.db.execute(sql`truncate ${contacts}, ${routingVersion} cascade`)
  const email = { address: 'carl@example.org', intervalSeconds: 60, rollupThreshold: null }
  await saveContact(memory.db, { id: 'carl', timezone: null, media: { email } })
  await linkContact(memory.db, { contactId: 'carl', to: 'all' })
})

const say = (state: CheckState, second: number, parts: object = {}) =>
  takeIn(memory.db, [anEvent({ state, judgedBy: 'arrival', ...parts })], after(second), settings)

const close = (second: number, reopenAfterSeconds: number | null = null) =>
  changeIncident(memory.db, 1, resolve(ana, after(second), reopenAfterSeconds), {
    now: after(second),
    settings,
  })

const sweep = (second: number) =>
  reopenClosed({ db: memory.db, settings, announce: async () => undefined, clock: () => after(second) })

async function heard(): Promise<string[]> {
  const rows = await memory.db.select().from(contactAlerts).orderBy(asc(contactAlerts.createdAt))
  return rows.map(({ notification }) => `${notification.type} ${notification.summary}`)
}

async function story(): Promise<string[]> {
  const rows = await memory.db.select().from(timeline).orderBy(asc(timeline.id))
  return rows.map((entry) => plainLine(timelineLine(entry)))
}

async function view(second: number): Promise<string> {
  const found = await findStoryByNumber(memory.db, 1, after(second))
  return found ? plainMessage(composeIncident(found, after(second))) : ''
}

const states = async () => (await memory.db.select().from(alerts)).map(({ state }) => state)

describe('without a time to reopen', () => {
  test('it is closed, and quiet until it clears once; then it is news again', async () => {
    await say('critical', 0)
    await close(60)
    for (const second of [70, 80, 90_000]) await say('critical', second)
    await sweep(100_000)
    expect(await states()).toEqual(['RESOLVED'])
    expect(await view(100_000)).toContain('Still failing: stays closed until it clears once')
    await say('ok', 100_001)
    expect(await view(100_002)).not.toContain('Still failing')
    await say('critical', 100_010)
    expect((await states()).toSorted()).toEqual(['FIRING', 'RESOLVED'])
    expect(await story()).toEqual([
      'It fired.',
      'Ana resolved it by hand. It stays quiet until it has cleared once.',
      'It has cleared. When it fails again, that is news again.',
      'It fired.',
    ])
  })

  test('what fails on is noted without a write for each event', async () => {
    await say('critical', 0)
    await close(60)
    await say('warning', 70)
    const version = () => memory.db.select({ version: sql<string>`xmin::text` }).from(checks)
    const before = await version()
    await say('warning', 80)
    expect(await version()).toEqual(before)
  })

  test('contacts hear of it as of a recovery, once, and not of the true one', async () => {
    await say('critical', 0)
    await close(60)
    await say('critical', 100)
    await say('ok', 200)
    expect(await heard()).toEqual(['problem Error rate is 24 %.', 'recovery Resolved by Ana'])
    await say('critical', 300)
    await say('ok', 400)
    expect((await heard()).slice(2)).toEqual(['problem Error rate is 24 %.', 'recovery Error rate is 24 %.'])
  })

  test('nor do they where a maintenance keeps it from them', async () => {
    await say('critical', 0)
    const window = { startsAt: epochSeconds(after(10)), endsAt: epochSeconds(after(100)), summary: null }
    await changeMemory(
      memory.db,
      { environment: 'prod', entity: 'payment-service', check: 'errors' },
      (before) => {
        const change = scheduleMaintenance(before, window, epochSeconds(after(10)))
        return change.kind === 'changed' ? change.memory : before
      },
    )
    await close(60)
    await say('ok', 200)
    expect(await heard()).toEqual(['problem Error rate is 24 %.'])
  })

  test('whoever clicks too late hears that it still fails', async () => {
    await say('critical', 0)
    await close(60)
    expect((await close(120)).decision).toEqual({
      kind: 'refused',
      because:
        'Nothing to do: Ana resolved #1 1 min ago. It still fails: it stays closed until it clears once.',
    })
    await say('ok', 130)
    expect((await close(180)).decision).toEqual({
      kind: 'refused',
      because: 'Nothing to do: Ana resolved #1 2 min ago.',
    })
  })
})

describe('with a time to reopen', () => {
  test('the next event after it opens the same incident again, and everybody hears', async () => {
    await say('critical', 0)
    await close(60, 1800)
    expect(await view(70)).toContain(
      'Still failing: opens again 2026-11-21 00:31 UTC if it has not cleared by then',
    )
    expect((await close(120)).decision).toEqual({
      kind: 'refused',
      because:
        'Nothing to do: Ana resolved #1 1 min ago. It opens again at 2026-11-21 00:31 UTC if it still fails.',
    })
    await say('critical', 1859)
    expect(await states()).toEqual(['RESOLVED'])
    await say('critical', 1860, { summary: 'Error rate is 30 %.' })
    expect(await memory.db.select().from(alerts)).toMatchObject([
      { state: 'FIRING', startedAt: start, resolvedAt: null, resolvedBy: null },
    ])
    expect(await memory.db.select().from(incidents)).toMatchObject([{ number: 1, closedAt: null }])
    expect((await story()).slice(1)).toEqual([
      'Ana resolved it by hand. It opens again 2026-11-21 00:31 UTC if it still fails.',
      'It still fails although it was resolved by hand, so it is open again.',
    ])
    const [last] = await memory.db.select().from(notifications).orderBy(desc(notifications.createdAt))
    expect(last?.reason).toBe('reopened')
    expect(await heard()).toEqual([
      'problem Error rate is 24 %.',
      'recovery Resolved by Ana',
      'problem Error rate is 30 %.',
    ])
    await say('ok', 1900)
    expect(await heard()).toHaveLength(4)
    expect(await states()).toEqual(['RESOLVED'])
  })

  test('what was said only once is reopened by the sweeper', async () => {
    await say('critical', 0)
    await close(60, 1800)
    await sweep(1859)
    expect(await states()).toEqual(['RESOLVED'])
    await sweep(1860)
    await sweep(1865)
    expect(await states()).toEqual(['FIRING'])
    expect((await story()).slice(2)).toEqual([
      'It still fails although it was resolved by hand, so it is open again.',
    ])
  })

  test('what cleared meanwhile is not', async () => {
    await say('critical', 0)
    await close(60, 1800)
    await say('ok', 100)
    await sweep(1860)
    expect(await states()).toEqual(['RESOLVED'])
  })

  test('nor is what a rule watches: its next evaluation knows', async () => {
    const parsed = parseRuleDraft(aRuleBody)
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
    const ruleId = randomUUID()
    const rule = { ...parsed.draft, id: ruleId, environment: 'prod', createdAt: start }
    await saveRule(memory.db, rule, 'a test')
    await say('critical', 0, { ruleId })
    await close(60, 1800)
    await sweep(1860)
    expect(await states()).toEqual(['RESOLVED'])
    await say('critical', 1870, { ruleId })
    expect(await states()).toEqual(['FIRING'])
  })

  test('a maintenance keeps it closed beyond its time', async () => {
    await say('critical', 0)
    await close(60, 1800)
    const window = { startsAt: epochSeconds(after(100)), endsAt: epochSeconds(after(4000)), summary: null }
    await changeMemory(
      memory.db,
      { environment: 'prod', entity: 'payment-service', check: 'errors' },
      (before) => {
        const change = scheduleMaintenance(before, window, epochSeconds(after(100)))
        return change.kind === 'changed' ? change.memory : before
      },
    )
    await sweep(1860)
    expect(await states()).toEqual(['RESOLVED'])
    await sweep(4000)
    expect(await states()).toEqual(['FIRING'])
  })

  test('an acknowledgement before it was closed does not', async () => {
    await say('critical', 0)
    await changeIncident(memory.db, 1, acknowledge(ana, after(30)), { now: after(30), settings })
    await close(60, 1800)
    await say('critical', 1860)
    expect(await memory.db.select().from(alerts)).toMatchObject([{ state: 'FIRING', acknowledgedBy: null }])
  })
})
