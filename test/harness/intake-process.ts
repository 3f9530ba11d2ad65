import pino from 'pino'
import { openServer } from '#bot/api/server.ts'
import type { Desk } from '#bot/desk.ts'
import { openMemory } from '#db/client.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { startIntake } from '#workers/intake.ts'
import { noTelemetry } from './no-telemetry.ts'
import { deskDefaults } from './desk-defaults.ts'

/*
 * The doors and the hands behind them in a process of their own, to be killed at any instant. It knows one database and
 * prints where it listens. Nothing is delivered: the rows are the truth.
 */

const [databaseUrl = ''] = process.argv.slice(2)
const memory = openMemory({ url: databaseUrl, name: 'tocsin-test-intake', connections: 4 })
const log = pino({ level: 'silent' })
const desk: Desk = {
  db: memory.db,
  telemetry: noTelemetry,
  announce: async () => undefined,
  clock: () => new Date(),
  settings: defaultDecisionSettings,
  ...deskDefaults({ db: memory.db, clock: () => new Date(), log }),
  zone: 'UTC',
  log,
}
await startIntake(memory, desk)
const server = await openServer({ desk, log, access: { kind: 'loopback' } })
console.log(await server.listen({ host: '127.0.0.1', port: 0 }))
