import pino from 'pino'
import { openMemory } from '#db/client.ts'
import { startTaking } from '#workers/flapjack/taking.ts'

/*
 * Flapjack's Redis list as a door, in a process of its own, to be killed at any instant. Nobody decides what it stores: the
 * batches show what was taken, and how often.
 */

const [databaseUrl = '', redisUrl = ''] = process.argv.slice(2)
const memory = openMemory({ url: databaseUrl, name: 'tocsin-test-taking', connections: 2 })
startTaking({
  redisUrl,
  queue: 'events',
  archiveSeconds: 3600,
  environment: 'prod',
  db: memory.db,
  clock: () => new Date(),
  log: pino({ level: 'silent' }),
  quota: null,
})
console.log('taking')
