import pino from 'pino'
import { openMemory } from '#db/client.ts'
import { isWriteToLostConnection } from '#db/renewing.ts'
import { plainLine } from '#engine/message/plain.ts'
import type { Line } from '#engine/message/message.ts'
import { startDeliverer } from '#workers/delivery/deliverer.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'
import { openAnnouncer } from '#workers/queues/announce.ts'

/*
 * The deliverer in a process of its own, to be killed while it tells. Its clock runs ahead by as many milliseconds as it is told, so that
 * the lease of one that was killed is over. Of each destination it tells so many things at a time.
 */

const [databaseUrl = '', vendorUrl = '', aheadMs = '0', concurrency = '8'] = process.argv.slice(2)
const memory = openMemory({ url: databaseUrl, name: 'tocsin-test-delivering', connections: 6 })
const log = pino({ level: 'silent' })

// As the house does; the driver drops promises when its connections are lost.
process.on('unhandledRejection', () => undefined)
process.on('uncaughtException', (error) => {
  if (isWriteToLostConnection(error)) return
  console.error(error)
  process.exit(1)
})

async function call(sent: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(vendorUrl, { method: 'POST', body: JSON.stringify(sent) }).catch(
    (cause: unknown) => {
      throw new DeliveryError('The vendor could not be reached', { retry: 'later', cause })
    },
  )
  await answer.arrayBuffer()
  if (!answer.ok) throw new DeliveryError('The vendor is busy', { retry: 'later', status: answer.status })
}

const vendor: Notifier = {
  post: async (_address, message, id) => {
    await call({ kind: 'post', id, incident: message.subject?.incidentId ?? '', said: message.headline })
    return { id }
  },
  update: async ({ id = '' }, message) => {
    await call({ kind: 'update', id, incident: message.subject?.incidentId ?? '', said: message.headline })
    return undefined
  },
  reply: (_receipt, line: Line, id, message) =>
    call({ kind: 'reply', id, incident: message.subject?.incidentId ?? '', said: plainLine(line) }),
}

await startDeliverer(memory, {
  db: memory.db,
  clock: () => new Date(Date.now() + Number(aheadMs)),
  log,
  notifiers: { webhook: vendor, slack: vendor },
  announcer: openAnnouncer(memory.db, log),
  // A pause, however short, lets it make nothing ready ahead.
  paceOf: () => ({ concurrency: Number(concurrency), everyMs: concurrency === '1' ? 1 : 0 }),
  dice: () => 0,
})
console.log('delivering')
