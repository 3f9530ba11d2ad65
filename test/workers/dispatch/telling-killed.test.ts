import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'drizzle-orm'
import pino from 'pino'
import { expect, test } from 'vitest'
import { alertGroups } from '#db/schema/dispatch.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { testMemory } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { send } from '#test/harness/send.ts'
import { openWebhookReceiver } from '#test/harness/webhook-receiver.ts'
import { startDispatcher } from '#workers/dispatch/dispatcher.ts'
import { webhookPoster } from '#workers/dispatch/post-webhook.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { drainBatches } from '#workers/processors/drain.ts'

const program = join(import.meta.dirname, '../../harness/telling-process.ts')
const groups = 100

test.each([
  ['whoever decided them', '0'],
  ['whoever found them', '200ms'],
])(
  'killed while %s tells groups, all are told when the lease is over',
  async (_who, wait) => {
    const memory = await testMemory()
    let isAlive = true
    // It takes what half of them say, and lets the others wait until the process is gone.
    const receiver = await openWebhookReceiver((response, _attempt, nth) => {
      if (nth <= groups / 2 || !isAlive) response.writeHead(200).end()
    })
    const child = spawn(process.execPath, [program, memory.url], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [url] = await once(createInterface(child.stdout), 'line')
    const routing = {
      route: { receiver: 'r', group_by: ['...'], group_wait: wait },
      receivers: [{ name: 'r', webhook_configs: [{ url: receiver.url }] }],
    }
    expect((await send('PUT', `${String(url)}/api/v1/routing`, { body: routing })).status).toBe(200)
    const body = Array.from({ length: groups }, (_, index) => ({ labels: { alertname: `alert ${index}` } }))
    expect((await send('POST', `${String(url)}/api/v2/alerts`, { body })).status).toBe(200)
    await eventually('more than half to be on their way', () => receiver.attempts.length > groups / 2)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    isAlive = false
    await eventually('the killed one to have left the database', async () => {
      const [left] = await memory.db.execute<{ sessions: number }>(
        sql`select count(*)::int as sessions from pg_stat_activity where datname = current_database() and application_name like 'tocsin-test-telling%'`,
      )
      return left?.sessions === 0
    })

    const told = receiver.attempts.length
    const log = pino({ level: 'silent' })
    const egress = openEgress(['127.0.0.1'], 64)
    const startAt = async (clock: () => Date) => {
      await drainBatches({
        db: memory.db,
        announce: async () => undefined,
        clock,
        settings: defaultDecisionSettings,
        log,
      })
      const post = webhookPoster(egress)
      const hands = {
        db: memory.db,
        clock,
        log,
        post,
        resolveOverdue: async () => true,
        externalUrl: 'http://here',
      }
      const dispatcher = await startDispatcher(memory, hands)
      await dispatcher.flush()
      await dispatcher.close()
    }
    await startAt(() => new Date())
    expect(receiver.attempts, 'while the lease holds nobody else tells').toHaveLength(told)
    await startAt(() => new Date(Date.now() + 61_000))

    const names = receiver.attempts.flatMap(({ body: said }) =>
      said.alerts.map(({ labels }) => labels['alertname']),
    )
    expect(new Set(names).size).toBe(groups)
    const rows = await memory.db.select().from(alertGroups)
    expect(rows.filter((row) => row.told.length === 0 || row.leaseUntil !== null)).toEqual([])
    await egress.close()
    await receiver.close()
    await memory.close()
  },
  60_000,
)
