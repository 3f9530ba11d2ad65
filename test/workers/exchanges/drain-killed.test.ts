import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createInterface, type Interface } from 'node:readline'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { type ExchangeHouse, exchangeHouse, ids } from '#test/harness/exchange-house.ts'

const program = join(import.meta.dirname, '../../harness/draining-process.ts')
const lives = 50

interface Worker {
  readonly child: ChildProcess
  readonly lines: Interface
}

async function startWorker(house: ExchangeHouse): Promise<Worker> {
  const { url, database } = house.telemetry
  const child = spawn(process.execPath, [program, house.databaseUrl, url, database], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (!child.stdout) throw new Error('the process has no output to read')
  const lines = createInterface(child.stdout)
  const ended = once(child, 'exit').then(() => {
    throw new Error('a worker ended before it began')
  })
  await Promise.race([once(lines, 'line'), ended])
  ended.catch(() => undefined)
  return { child, lines }
}

test('killed 50 times while it evaluates, every exchange is told exactly once', async () => {
  const house = await exchangeHouse()
  const rules = [await house.rule(), await house.rule({ name: 'The same again' })]
  const inserted: string[] = []
  let longestMs = 500
  let next = startWorker(house)
  for (let life = 0; life < lives; life += 1) {
    const { child, lines } = await next
    // Machines are slow to start; the next one gets ready while this one works.
    next = startWorker(house)
    const fresh = ids(`life-${life}`, 1 + Math.floor(Math.random() * 40))
    await house.insert(fresh)
    inserted.push(...fresh)
    // Reported a second time, now and then.
    if (life % 5 === 0) await house.insert(fresh.slice(0, 10))
    const evaluating = once(lines, 'line')
    child.stdin?.write('go\n')
    await evaluating
    const begun = performance.now()
    if (life % 5 === 4) {
      // Now and then one gets through, which also tells how long that takes on this machine today.
      await once(lines, 'line')
      longestMs = performance.now() - begun
    } else await pause(Math.random() * longestMs)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  const last = await next
  last.child.kill('SIGKILL')
  // A statement that was under way when its client was killed still ends, one way or the other.
  await eventually('the killed ones to have left the database', async () => {
    const [left] = await house.db.execute<{ sessions: number }>(
      sql`select count(*)::int as sessions from pg_stat_activity where datname = current_database() and application_name like 'tocsin-test-draining%'`,
    )
    return left?.sessions === 0
  })
  const before = await house.totals()
  expect(before.alerts).toBeGreaterThan(0)
  expect(before.alerts).toBe(before.notifications)
  await house.drain(rules, { slot: new Date(Date.now() + 60_000), reach: { fullSweepSeconds: 0 } })

  const told = await house.alertsById()
  expect([...told.keys()].sort()).toEqual(inserted.toSorted())
  expect([...told].filter(([, alerts]) => alerts !== rules.length)).toEqual([])
  const total = inserted.length * rules.length
  expect(await house.totals()).toEqual({ alerts: total, notifications: total })
  await house.close()
}, 600_000)
