import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import pino from 'pino'
import { expect, test } from 'vitest'
import { countWaitingBatches } from '#db/repositories/batches.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { alerts, checks, timeline } from '#db/schema/alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { openMemory } from '#db/client.ts'
import { testDatabase } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { send } from '#test/harness/send.ts'
import { drainBatches } from '#workers/processors/drain.ts'

const program = join(import.meta.dirname, '../harness/intake-process.ts')

async function startProcess(databaseUrl: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program, databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('the process has no output to read')
  const [url] = await once(createInterface(child.stdout), 'line')
  return { child, url: String(url) }
}

const lives = 6
const senders = 4
const eventsARequest = 5

interface Sent {
  readonly checks: readonly string[]
  answered: boolean
}

/** Posts until the process is gone; each event is of a check of its own, and fails at once. */
async function postUntilKilled(url: string, who: string, sent: Sent[]): Promise<void> {
  for (let request = 0; ; request++) {
    const names = Array.from({ length: eventsARequest }, (_, index) => `${who}-${request}-${index}`)
    const record: Sent = { checks: names, answered: false }
    sent.push(record)
    const events = names.map((check) => ({
      type: 'service',
      state: 'critical',
      entity: 'host',
      check,
      initial_failure_delay: 0,
    }))
    try {
      const { status } = await send('POST', `${url}/api/v1/events`, { body: events })
      record.answered = status === 200
    } catch {
      return
    }
  }
}

test('killed at any instant, every accepted event is decided exactly once', async () => {
  const database = await testDatabase()
  const memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 2 })
  const { db } = memory
  await ensureFirstEnvironment(db)
  await rememberDestination(db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
  const sent: Sent[] = []
  for (let life = 0; life < lives; life++) {
    const { child, url } = await startProcess(database.url)
    const before = sent.length
    const posting = Array.from({ length: senders }, (_, sender) =>
      postUntilKilled(url, `${life}-${sender}`, sent),
    )
    // Requests, not time, say when: somewhere within the next one.
    const fatal = before + 10 + Math.floor(Math.random() * 60)
    while (sent.length < fatal && child.exitCode === null) await pause(1)
    expect(child.exitCode, 'it ended by itself').toBeNull()
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await Promise.all([exited, ...posting])
  }
  const hands = {
    db,
    announce: async () => undefined,
    clock: () => new Date(),
    settings: defaultDecisionSettings,
    log: pino({ level: 'silent' }),
  }
  // A statement that was under way when its client was killed still ends, one way or the other.
  await eventually('the killed ones to have left the database', async () => {
    const [left] = await db.execute<{ sessions: number }>(
      sql`select count(*)::int as sessions from pg_stat_activity where datname = current_database() and application_name like 'tocsin-test-intake%'`,
    )
    return left?.sessions === 0
  })
  await drainBatches(hands)

  expect(await countWaitingBatches(db)).toBe(0)
  const fired = db
    .select({ incidentId: timeline.incidentId })
    .from(timeline)
    .where(eq(timeline.kind, 'fired'))
    .as('fired')
  const decided = await db
    .select({
      check: checks.name,
      alerts: sql<number>`count(distinct ${alerts.id})::int`,
      fired: sql<number>`count(distinct ${fired.incidentId})::int`,
      told: sql<number>`count(distinct ${notifications.id})::int`,
    })
    .from(checks)
    .leftJoin(alerts, eq(alerts.checkId, checks.id))
    .leftJoin(fired, eq(fired.incidentId, alerts.incidentId))
    .leftJoin(notifications, eq(notifications.incidentId, alerts.incidentId))
    .groupBy(checks.name)
  const names = new Set(decided.map(({ check }) => check))
  const accepted = sent.filter(({ answered }) => answered)
  expect(accepted.length).toBeGreaterThan(lives * 5)
  expect(accepted.flatMap((one) => one.checks).filter((check) => !names.has(check))).toEqual([])
  // What was not answered was either accepted whole or not at all.
  for (const one of sent)
    expect([0, eventsARequest]).toContain(one.checks.filter((check) => names.has(check)).length)
  expect(decided.filter(({ alerts, fired, told }) => alerts !== 1 || fired !== 1 || told !== 1)).toEqual([])
  await memory.close()
  await database.close()
}, 120_000)
