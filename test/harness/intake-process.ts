import { openServer } from '#bot/api/server.ts'
import { openMemory } from '#db/client.ts'
import { startIntake } from '#workers/intake.ts'
import { loneDesk } from './desk-defaults.ts'

/*
 * The doors and the hands behind them in a process of their own, to be killed at any instant. It knows one database and
 * prints where it listens. Nothing is delivered: the rows are the truth.
 */

const [databaseUrl = ''] = process.argv.slice(2)
const memory = openMemory({ url: databaseUrl, name: 'tocsin-test-intake', connections: 4 })
const desk = loneDesk(memory.db, () => new Date())
await startIntake(memory, desk)
const server = await openServer({ desk, log: desk.log, access: { kind: 'loopback' } })
console.log(await server.listen({ host: '127.0.0.1', port: 0 }))
