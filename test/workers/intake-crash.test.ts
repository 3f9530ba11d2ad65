import { sql } from 'drizzle-orm'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, type Memory, openMemory } from '#db/client.ts'
import { acceptBatch, countWaitingBatches } from '#db/repositories/batches.ts'
import { linkContact, saveContact } from '#db/repositories/contacts.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { listDueDestinations } from '#db/repositories/lanes.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import type { CheckState } from '#engine/event.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import type { Batch } from '#engine/intake/batch.ts'
import { emptyTables, testMemory } from '#test/harness/database.ts'
import { after, anEvent } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type Fatality, fatalLink } from '#test/harness/fatal-link.ts'
import { drainBatches } from '#workers/processors/drain.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory & { readonly url: string }

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
  const email = { address: 'carl@example.org', intervalSeconds: 60, rollupThreshold: 2 }
  await saveContact(memory.db, { id: 'carl', timezone: null, media: { email } })
  await linkContact(memory.db, { contactId: 'carl', to: 'all' })
})
afterAll(() => memory.close())

const event = (check: string, state: CheckState) => anEvent({ check, state, judgedBy: 'arrival' })

const labels = { alertname: 'DiskFull', severity: 'critical' }
const posted = {
  fingerprint: fingerprint(labels),
  labels,
  annotations: {},
  startsAt: after(0),
  endsAt: after(1000),
  endsByTimeout: false,
  updatedAt: after(100),
  generatorUrl: '',
}

/**
 * Checks that are new, that get worse, that recover, and one known only to Alertmanager's clients. Each request says the
 * same when it is said twice, because whoever gets no answer says it again.
 */
const sent: readonly Batch[] = [
  { source: 'events', items: [event('new', 'critical'), event('worse', 'critical')] },
  { source: 'alertmanager', items: [posted] },
  { source: 'events', items: [event('over', 'ok'), event('new', 'ok'), event('newer', 'warning')] },
]

const accept = (db: Database, batch: Batch) =>
  acceptBatch(db, batch, { environment: 'prod', receivedAt: after(100) })

const handsOn = (db: Database) => ({
  db,
  settings,
  announce: async () => undefined,
  clock: () => after(100),
  log: pino({ level: 'silent' }),
})

async function begin(): Promise<void> {
  await emptyTables(memory.db)
  await takeIn(memory.db, [event('worse', 'warning'), event('over', 'critical')], after(0), settings)
}

/** Everything that was decided, without the ids that chance gives. */
async function whatIsDecided(): Promise<unknown> {
  const [row] = await memory.db.execute(sql`select json_build_object(
    'checks', (select json_agg(json_build_array(key, memory, closed) order by key) from checks),
    'alerts', (select json_agg(json_build_array(c.key, a.state, a.severity, a.summary, a.started_at, a.fired_at,
      a.resolved_at) order by c.key, a.started_at, a.state) from alerts a join checks c on c.id = a.check_id),
    'story', (select json_agg(json_build_array(c.key, t.kind, t.at, n.reason, n.state) order by c.key, t.kind, t.at, n.reason)
      from timeline t join alerts a on a.incident_id = t.incident_id join checks c on c.id = a.check_id
      left join notifications n on n.entry_id = t.id),
    'closed', (select count(*) from incidents where closed_at is not null),
    'posted', (select json_agg(json_build_array(fingerprint, check_key, starts_at, ends_at, over)) from posted_alerts),
    'history', (select json_agg(json_build_array(c.key, s.at, s.state) order by c.key, s.at)
      from state_changes s join checks c on c.id = s.check_id),
    'contacts', (select json_agg(json_build_array(notification, summary is null) order by notification::text)
      from contact_alerts),
    'told', (select json_agg(json_build_array(check_key, held_until, is_alerting) order by check_key) from told)
  ) as decided`)
  return row?.['decided']
}

/** True: it was killed; false: there was nothing left at which it could have been. */
async function liveUntil(fatality: Fatality): Promise<boolean> {
  const link = await fatalLink(new URL(memory.url), fatality)
  const mortal = openMemory({ url: link.url, name: 'tocsin-test-mortal', connections: 1 })
  let answered = 0
  const live = async () => {
    for (const batch of sent) {
      await accept(mortal.db, batch)
      if (!link.wasCut()) answered++
    }
    await drainBatches(handsOn(mortal.db))
  }
  await Promise.race([live(), link.death])
  const wasKilled = link.wasCut()
  if (!wasKilled) await mortal.close()
  await eventually('the killed one to have left the database', async () => {
    const [left] = await memory.db.execute<{ sessions: number }>(
      sql`select count(*)::int as sessions from pg_stat_activity where datname = current_database() and application_name = 'tocsin-test-mortal'`,
    )
    return left?.sessions === 0
  })
  // Whoever got no answer says it again, which may be for the second time.
  for (const batch of sent.slice(answered)) await accept(memory.db, batch)
  await drainBatches(handsOn(memory.db))
  return wasKilled
}

test.each(['before', 'after'] as const)(
  'killed just %s any statement between accepting and announcing, it ends where an unkilled one does',
  async (when) => {
    await begin()
    for (const batch of sent) await accept(memory.db, batch)
    await drainBatches(handsOn(memory.db))
    const expected = await whatIsDecided()
    expect(JSON.stringify(expected)).toContain('recovered')
    let request = 1
    for (; ; request++) {
      await begin()
      if (!(await liveUntil({ request, when }))) break
      expect(await whatIsDecided(), `killed ${when} request ${request}`).toEqual(expected)
      expect(await countWaitingBatches(memory.db)).toBe(0)
    }
    expect(request).toBeGreaterThan(12)
    // What was decided and never announced, to the chat and to the contact, is found by whoever looks.
    expect(await listDueDestinations(memory.db, after(110))).toHaveLength(2)
  },
  60_000,
)
