import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listRingChecks } from '#db/repositories/ring-checks.ts'
import { testMemory } from '#test/harness/database.ts'
import { noteRingCheck } from '#workers/telemetry/rings/note-ring-check.ts'

let database: Awaited<ReturnType<typeof testMemory>>
const lines: string[] = []
const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })

beforeEach(async () => {
  lines.length = 0
  database = await testMemory()
})
afterEach(() => database.close())

test('looks at what is remembered are counted, and only what was wrong is told', async () => {
  const note = (outcome: 'equal' | 'different') =>
    noteRingCheck(database.db, log, {
      relation: 'logs',
      outcome,
      ...(outcome === 'different' && { difference: 'remembered 3, stored 4' }),
    })
  await note('equal')
  await note('equal')
  expect(lines).toEqual([])
  await note('different')
  expect(lines.join()).toContain('remembered 3, stored 4')
  expect(await listRingChecks(database.db)).toEqual([
    { shard: 'logs', outcome: 'different', checks: 1 },
    { shard: 'logs', outcome: 'equal', checks: 2 },
  ])
})
