import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closingStack } from '#bot/cli/closing.ts'
import { madeUpClusters, openClusterTelemetry } from '#bot/cli/demo.ts'
import { parseEnvironment } from '#bot/cli/environment.ts'
import { consoleReport } from '#bot/cli/report.ts'

let folder: string
let lines: string[]
const closing = closingStack((_, error) => lines.push(String(error)))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-'))
  lines = []
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
