import { openServer } from '#bot/api/server.ts'
import { openMemory } from '#db/client.ts'
import { startDispatcher } from '#workers/dispatch/dispatcher.ts'
import { webhookPoster } from '#workers/dispatch/post-webhook.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { startIntake } from '#workers/intake.ts'
import { resolveOverdue } from '#workers/processors/expire-alerts.ts'
import { loneDesk } from './desk-defaults.ts'

/*
 * The doors, the hands and the dispatcher in a process of their own, to be killed while it tells. It knows one database and
 * prints where it listens.
 */

const [databaseUrl = ''] = process.argv.slice(2)
const memory = openMemory({ url: databaseUrl, name: 'tocsin-test-telling', connections: 6 })
const desk = loneDesk(memory.db, () => new Date())
const groupTeller = await startDispatcher(memory, {
  ...desk,
  post: webhookPoster(openEgress(['127.0.0.1'], 64)),
  resolveOverdue: () => resolveOverdue(desk),
  externalUrl: 'http://127.0.0.1',
})
await startIntake(memory, { ...desk, groupTeller })
const server = await openServer({ desk, log: desk.log, access: { kind: 'loopback' } })
console.log(await server.listen({ host: '127.0.0.1', port: 0 }))
