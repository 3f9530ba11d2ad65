import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import pino from 'pino'
import { type Memory, openMemory } from '#db/client.ts'
import { startEmbeddedPostgres } from '#db/embedded.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { addConnection } from '#db/repositories/connections.ts'
import { ensureFirstEnvironment, firstEnvironment } from '#db/repositories/environments.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { readConnectionDraft } from '#engine/connection/draft.ts'
import { arrivedEvent, type Event } from '#engine/event.ts'
import type { Medium } from '#engine/medium.ts'
import { readFlapjackEvent } from '#engine/intake/flapjack.ts'
import { type VendorPace, vendorPaces } from '#engine/notify/vendor-pace.ts'
import { startDeliverer } from '#workers/delivery/deliverer.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { integrationNotifiers } from '#workers/notifiers/connections.ts'
import type { Address, Notifier } from '#workers/notifiers/notifier.ts'
import { openAnnouncer } from '#workers/queues/announce.ts'
import { inFreshFolder } from './product.ts'

export const log = pino({ level: 'silent' })

export interface BenchHouse {
  readonly memory: Memory
  readonly heard: Map<string, number>
  /** The notifier of all connections, and the address of the one to the receiver. */
  readonly webhook: Notifier
  readonly address: Address
}

export async function inFreshHouse<T>(measure: (house: BenchHouse) => Promise<T>): Promise<T> {
  return inFreshFolder(async (folder) => {
    const server = await startEmbeddedPostgres({ folder })
    const receiver = await openReceiver()
    const egress = openEgress(['127.0.0.1'], 64)
    try {
      await migrateDatabase(server.url)
      const memory = openMemory({ url: server.url, name: 'tocsin-bench', connections: 10 })
      await ensureFirstEnvironment(memory.db)
      const box = secretBox([randomBytes(32)])
      const outside = openOutside(egress, () => new Date())
      const { webhook } = integrationNotifiers({ db: memory.db, box, outside })
      if (!webhook) throw new Error('there is no notifier for webhooks')
      const read = readConnectionDraft({ name: 'bench', kind: 'webhook', secrets: { url: receiver.url } })
      if ('problems' in read) throw new Error(JSON.stringify(read.problems))
      const making = { id: randomUUID(), createdBy: 'bench', box, now: new Date() }
      const { id } = await addConnection(memory.db, read.draft, making)
      try {
        return await measure({ memory, heard: receiver.heard, webhook, address: { connection: id } })
      } finally {
        await memory.close()
      }
    } finally {
      await egress.close()
      await receiver.close()
      await server.stop()
    }
  })
}

/** On loopback: when each entity was first heard of. */
async function openReceiver() {
  const heard = new Map<string, number>()
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const entity = /"entity":"([^"]+)"/.exec(body)?.[1] ?? ''
      if (!heard.has(entity)) heard.set(entity, performance.now())
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections()
      return new Promise((closed) => server.close(closed))
    },
  }
}

export function failing(entity: string): Event {
  const reading = readFlapjackEvent({
    type: 'service',
    state: 'critical',
    entity,
    check: 'HTTP',
    summary: 'Connection refused',
    initial_failure_delay: 0,
  })
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems))
  return arrivedEvent(reading.event, firstEnvironment.slug)
}

/** Where nothing is routed `slack` and `teams` stand for whatever is told, because chats hear of everything; all at the pace that is given. */
export function startDelivering(
  { memory }: Pick<BenchHouse, 'memory'>,
  notifiers: Partial<Record<Medium, Notifier>>,
  pace: VendorPace = vendorPaces.webhook,
) {
  const announcer = openAnnouncer(memory.db, log)
  return {
    announce: announcer.announce,
    started: startDeliverer(memory, {
      db: memory.db,
      clock: () => new Date(),
      log,
      notifiers,
      announcer,
      paceOf: () => pace,
      dice: Math.random,
    }),
  }
}
