import type { LogsQuestion } from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Figure } from '../figures.ts'
import { passGate } from './gates.ts'
import type { Ground } from './ground.ts'
import { appCount } from './rows.ts'
import { tenfoldOfQuestions } from './tenfold.ts'

const hours = 2
const perSecond = 58
const failures = ['Timeout', 'Refused', 'Exhausted', 'NotFound', 'Conflict', 'Overflow', 'Corrupt', 'Locked']

/** Lines of some 140 bytes; one in ten is WARN or ERROR and tells of one of 8,000 failures. */
export async function insertLogs(store: TelemetryStore, until: Date, seconds: number): Promise<void> {
  const ts = `fromUnixTimestamp64Milli(toInt64(${until.getTime()} - number * ${1000 / perSecond}), 'UTC')`
  const failure = `arrayElement([${failures.map((name) => `'${name}'`).join(', ')}], rand(4) % 8 + 1)`
  await store.command(
    `INSERT INTO logs (environment, app, agent, level, ts, ingested_at, logger, message)
     SELECT 'prod', concat('app-', toString(rand(1) % ${appCount})), concat('agent-', toString(rand(2) % 3)),
       multiIf(rand(3) % 100 < 3, 'ERROR', rand(3) % 100 < 10, 'WARN', 'INFO') AS level, ${ts} AS ts, ts, 'shop.orders.Checkout',
       if(level = 'INFO',
         concat('GET /api/orders/', toString(rand(5)), ' answered 200 in ', toString(rand(6) % 900), ' ms for customer ', toString(rand(7)),
           ' trace=', lower(hex(rand(8))), lower(hex(rand(9))), ' worker=', toString(rand(10) % 64), ' queue=orders-', toString(rand(11) % 12)),
         concat('order ', toString(rand(5)), ' failed: ', ${failure}, 'Exception E', toString(rand(12) % 1000), ' after ', toString(rand(6) % 9000),
           ' ms, retry ', toString(rand(13) % 5), ' of 5, node n-', toString(rand(14) % 40), ' trace=', lower(hex(rand(8))), lower(hex(rand(9)))))
     FROM numbers(${seconds * perSecond}) SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 0`,
  )
}

/** 35 % plain texts, 20 % two texts, 15 % alternatives and classes, 10 % each: cases ignored, numbers, long ones. */
function patternAt(index: number): string {
  const failure = failures[index % failures.length] ?? ''
  const code = `E${(index * 37) % 1000}`
  const kind = index % 20
  if (kind < 7) return `${failure}Exception ${code} `
  if (kind < 11) return `${failure}Exception.*retry ${index % 5} of 5, node n-${index % 40} `
  if (kind < 14) return `(?:${failure}|Broken[A-Z][a-z]+)Exception ${code.slice(0, -1)}[0-5] after`
  if (kind < 16) return `(?i)failed: ${failure}exception ${code} after`
  if (kind < 18) return `Exception ${code} after [0-9]{3,4} ms, retry [3-5]`
  return `order [0-9]+ failed: ${failure}Exception ${code} after [0-9]+ ms, retry [0-9] of 5, node n-${index % 40}`
}

function logQuestions(count: number, windowSeconds: number): LogsQuestion[] {
  return Array.from({ length: count }, (_, index) => ({
    about: 'logs',
    environment: 'prod',
    ...(index % 5 !== 0 && { app: `app-${(index * 7 + Math.floor(index / 1000)) % appCount}` }),
    levels: ['INFO', 'WARN', 'ERROR'],
    pattern: patternAt(index),
    windowSeconds,
  }))
}

/** A thousand patterns in the logs of an hour, each line of any level: compiled before it is measured. */
export async function logFigures(ground: Ground): Promise<Figure[]> {
  const store = await ground.database('logs_gate')
  const until = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  await insertLogs(store, until, hours * 3600)
  await store.command('OPTIMIZE TABLE logs FINAL')
  const gate = { table: 'logs', columns: 'environment, app, level, ts, message' }
  return [
    ...(await passGate(ground, store, until, {
      ...gate,
      what: '1,000 LOG_PATTERN, 5 min, 58 lines/s',
      questions: logQuestions(1000, 300),
      leastRatio: 120,
      mostFloors: 5,
    })),
    ...(await passGate(ground, store, until, {
      ...gate,
      what: '1,000 LOG_PATTERN, 1 h, 58 lines/s',
      questions: logQuestions(1000, 3600),
      leastRatio: 100,
      mostFloors: 10,
    })),
    ...(await tenfoldOfQuestions(ground, store, until, {
      what: 'LOG_PATTERN, 5 min, a thousand patterns',
      questions: (count) => logQuestions(count, 300),
    })),
  ]
}
