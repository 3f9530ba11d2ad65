import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type TestDatabase, testDatabase } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { severableLink } from '#test/harness/severable-link.ts'
import { freePort, startTocsin } from '#test/harness/tocsin-process.ts'

/** As many as a process has connections, and some that wait for one. */
const requests = 30

let folder: string
let database: TestDatabase

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-lost-'))
  database = await testDatabase()
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

test('a database that goes away in the middle of many transactions ends nothing, and all goes on as soon as it is back', async () => {
  const link = await severableLink(new URL(database.url))
  const port = await freePort()
  const variables = { DATABASE_URL: link.url, CLICKHOUSE_URL: inject('clickHouseUrl'), PORT: String(port) }
  const tocsin = startTocsin(['bot'], { ...variables, TOCSIN_DATA: folder, TOCSIN_ZONE: 'UTC' })
  const blocker = postgres(database.url, { max: 2 })
  const silence = (createdBy: string) =>
    fetch(`http://127.0.0.1:${port}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: 'alertname', value: createdBy, isRegex: false, isEqual: true }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        createdBy,
        comment: '',
      }),
    }).then(({ status }) => status)
  const all = (who: string) =>
    Promise.all(Array.from({ length: requests }, (_, index) => silence(`${who} ${index}`)))
  try {
    await tocsin.prints('Ready.')
    const interrupted = await blocker.begin(async (held) => {
      await held`lock table silences`
      const asked = all('during')
      await eventually('transactions to be in the middle', async () => {
        const waiting =
          await blocker`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
        return waiting.length >= 20
      })
      link.sever()
      return { asked }
    })
    link.mend()
    const statuses = await interrupted.asked
    expect(statuses.filter((status) => status !== 200 && status !== 500)).toEqual([])
    expect(statuses).toContain(500)
    // More often than there are connections: not one of them is left deaf.
    for (const round of ['first', 'second', 'third'])
      expect(await all(round)).toEqual(Array.from({ length: requests }, () => 200))
    const said = await blocker<{ by: string }[]>`select created_by ->> 'name' as by from silences`
    expect(said.filter(({ by }) => /^(first|second|third) /.test(by))).toHaveLength(3 * requests)
    expect(tocsin.output()).not.toContain('something unexpected happened')
  } finally {
    tocsin.signal('SIGTERM')
    await tocsin.ended()
    await blocker.end()
    await link.close()
  }
}, 120_000)
