import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closingStack } from '#bot/cli/closing.ts'
import { openElasticsearch } from '#bot/cli/elasticsearch.ts'
import { parseEnvironment } from '#bot/cli/environment.ts'
import { consoleReport } from '#bot/cli/report.ts'
import { fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'

let folder: string
let lines: string[]
let house: Parameters<typeof openElasticsearch>[1]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-elasticsearch-'))
  lines = []
  house = {
    report: consoleReport((line) => lines.push(line)),
    closing: closingStack((_, error) => lines.push(String(error))),
  }
})

afterEach(async () => {
  await house.closing.close()
  await rm(folder, { recursive: true })
})

const health = { about: 'cluster-health', environment: 'prod', windowSeconds: 0 } as const

test('without an address there is none', async () => {
  expect(await openElasticsearch(parseEnvironment({}), house)).toEqual({})
  expect(lines).toEqual([])
})

test('the cluster that is named is told of without secrets, and asked', async () => {
  const elasticsearch = await fakeElasticsearch({ apiKey: 'aWQ6a2V5' })
  const settings = { ELASTICSEARCH_URL: elasticsearch.url, ELASTICSEARCH_API_KEY: 'aWQ6a2V5' }
  const opened = await openElasticsearch(parseEnvironment(settings), house)
  expect(lines.join()).toContain(`and Elasticsearch at ${new URL(elasticsearch.url).host}`)
  expect(lines.join()).not.toContain('aWQ6a2V5')
  expect(await opened.elasticsearch?.ask([health], new Date())).toMatchObject([{ cluster: 'logging' }])
  await elasticsearch.close()
})

test('a certificate that cannot be used is told at the start, not at night', async () => {
  const at = (file: string) =>
    openElasticsearch(
      parseEnvironment({ ELASTICSEARCH_URL: 'https://es:9200', ELASTICSEARCH_CA_FILE: file }),
      house,
    )
  const file = join(folder, 'ca.pem')
  await expect(at(file)).rejects.toThrow(`ELASTICSEARCH_CA_FILE: ${file} cannot be read`)
  await writeFile(file, 'no certificate')
  await expect(at(file)).rejects.toThrow(`ELASTICSEARCH_CA_FILE: ${file} holds no certificate`)
})
