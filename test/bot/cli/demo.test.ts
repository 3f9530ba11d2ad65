import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Closing, closingStack } from '#bot/cli/closing.ts'
import { madeUpClusters, openClusterTelemetry, openDemo } from '#bot/cli/demo.ts'
import { parseEnvironment } from '#bot/cli/environment.ts'
import { consoleReport } from '#bot/cli/report.ts'
import { countRules } from '#db/repositories/rules.ts'
import { testMemory, testTelemetry } from '#test/harness/database.ts'
import { starterRules } from '#workers/demo/starter-rules.ts'

let folder: string
let lines: string[]
let closing: Closing

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-'))
  lines = []
  closing = closingStack((_, error) => lines.push(String(error)))
})

afterEach(async () => {
  await closing.close()
  await rm(folder, { recursive: true })
})

test.each([
  [{}, ['elasticsearch', 'kubernetes'], 'and a made-up Elasticsearch and Kubernetes'],
  [{ ELASTICSEARCH_URL: 'http://es:9200' }, ['kubernetes'], 'and a made-up Kubernetes'],
  [{ TOCSIN_KUBERNETES: 'in-cluster' }, ['elasticsearch'], 'and a made-up Elasticsearch'],
  [{ ELASTICSEARCH_URL: 'http://es:9200', TOCSIN_KUBERNETES: 'in-cluster' }, [], ''],
])('with %j the demo makes up %j', (variables, made, said) => {
  const settings = parseEnvironment({ TOCSIN_DATA: folder, ...variables })
  const stores = madeUpClusters(settings)
  expect(stores).toEqual(made)
  const opened = openClusterTelemetry(stores, {
    settings,
    closing,
    report: consoleReport((line) => lines.push(line)),
  })
  expect(Object.keys(opened)).toEqual(made)
  expect(lines.join('').trim()).toBe(said)
})

test('of processes that begin at once on a fresh database one brings the rules, and feeds', async () => {
  const [memory, telemetry] = await Promise.all([testMemory(), testTelemetry()])
  const options = {
    settings: parseEnvironment({ TOCSIN_DATA: folder }),
    clusters: [],
    memory,
    store: telemetry.store,
    clock: () => new Date(),
    log: pino({ level: 'silent' }),
    closing,
    report: consoleReport((line) => lines.push(line)),
  }
  await Promise.all([openDemo(options), openDemo(options), openDemo(options)])
  expect(await countRules(memory.db)).toBe(starterRules.length)
  expect(lines.filter((line) => line.includes('another Tocsin feeds the store already'))).toHaveLength(2)
  await closing.close()
  await memory.close()
  await telemetry.close()
}, 60_000)
