import { readFile } from 'node:fs/promises'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import { connectElasticsearch } from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'
import type { Opening } from './database.ts'
import type { Settings } from './environment.ts'

/** The cluster that ELASTICSEARCH_URL names; nothing where it is not set. One that is down now is told of when a rule asks. */
export async function openElasticsearch(
  settings: Settings,
  { report, closing }: Opening,
): Promise<{ elasticsearch?: Telemetry }> {
  const { ELASTICSEARCH_URL: urls, ELASTICSEARCH_API_KEY: apiKey, ELASTICSEARCH_CA_FILE: file } = settings
  if (urls === undefined) return {}
  const ca = file === undefined ? undefined : await readCertificate(file)
  const connection = connectElasticsearch({ urls, apiKey, ca })
  closing.add('Elasticsearch connections', () => connection.close())
  report.part('', `and Elasticsearch at ${connection.where}`)
  return { elasticsearch: elasticsearchTelemetry(connection) }
}

async function readCertificate(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  } catch (error) {
    throw new Error(`ELASTICSEARCH_CA_FILE: ${file} cannot be read: see its path and its permissions.`, {
      cause: error,
    })
  }
  throw new Error(
    `ELASTICSEARCH_CA_FILE: ${file} holds no certificate: name a PEM file such as http_ca.crt of Elasticsearch.`,
  )
}
