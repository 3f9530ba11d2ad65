import { once } from 'node:events'
import { createInterface } from 'node:readline'
import pino from 'pino'
import { openMemory } from '#db/client.ts'
import { listRulesSince } from '#db/repositories/rules.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { defaultReach } from '#engine/exchange/cursor.ts'
import { compileRule } from '#engine/rule/compile.ts'
import { drainExchanges } from '#workers/exchanges/drain-exchanges.ts'
import { openExchangeReader } from '#workers/exchanges/exchange-reader.ts'
import { openTelemetryStore } from '#workers/telemetry/store.ts'

/*
 * Evaluates rules over exchanges in a process of its own, to be killed at any instant. It begins when it is told to, and says
 * each time that it begins an evaluation. Nothing is delivered: the rows are the truth.
 */

const [databaseUrl = '', clickHouseUrl = '', database = ''] = process.argv.slice(2)
const memory = openMemory({ url: databaseUrl, name: 'tocsin-test-draining', connections: 4 })
const store = openTelemetryStore({ url: clickHouseUrl, database })
const hands = {
  db: memory.db,
  exchanges: openExchangeReader(store, { ...defaultReach, fullSweepSeconds: 0 }),
  announce: async () => undefined,
  clock: () => new Date(),
  settings: defaultDecisionSettings,
  log: pino({ level: 'silent' }),
}
const rules = (await listRulesSince(memory.db, 0)).map(({ rule, revision }) => compileRule(rule, revision))
console.log('ready')
await once(createInterface(process.stdin), 'line')
for (;;) {
  console.log('evaluating')
  await drainExchanges(hands, rules, new Date())
}
