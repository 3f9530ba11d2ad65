import type { ElasticsearchQuestion } from '#engine/telemetry/elasticsearch.ts'
import type { PodsQuestion, Telemetry } from '#engine/telemetry/telemetry.ts'
import { fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'
import { fakeKubernetes } from '#test/harness/fake-kubernetes.ts'
import { connectElasticsearch } from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'
import { clusterOf } from '#workers/telemetry/kubernetes/cluster-of.ts'
import { kubernetesTelemetry } from '#workers/telemetry/kubernetes/pods.ts'
import { type Figure, figure } from '../figures.ts'
import { appCount } from './rows.ts'

const at = new Date('2026-01-31T12:00:00Z')
const ruleSteps = [100, 1000] as const

const clusterKinds = {
  ELASTICSEARCH_HEALTH: 'cluster-health',
  ELASTICSEARCH_STORAGE: 'node-disks',
  ELASTICSEARCH_SHARDS: 'shard-capacity',
} as const

const log = {
  environment: 'prod',
  index: 'http-logs',
  timeField: '@timestamp',
  statusField: 'status',
  ingestDelaySeconds: 60,
}

/** An app each, and thresholds of their own. */
const about = (index: number) => ({
  ...log,
  only: { field: 'app', value: `app-${(index * 7) % (appCount / 4)}` },
})

const elasticsearchKinds: Readonly<Record<string, (index: number) => ElasticsearchQuestion>> = {
  ...Object.fromEntries(
    Object.entries(clusterKinds).map(([kind, what]) => [
      kind,
      () => ({ about: what, environment: 'prod', windowSeconds: 0 as const }),
    ]),
  ),
  HTTP_5XX: (index) => ({ ...about(index), about: 'http-responses', windowSeconds: 900 }),
  GATEWAY_4XX: (index) => ({
    ...about(index),
    about: 'http-clients',
    windowSeconds: 1800,
    clientField: 'client',
    trustedHops: 0,
    around: index,
  }),
}

/** Kinds that are asked over the network: how many requests ten times the rules make, of look-alikes of one cluster. */
export async function requestFigures(): Promise<Figure[]> {
  return [...(await elasticsearchFigures()), await podFigure()]
}

async function elasticsearchFigures(): Promise<Figure[]> {
  const cluster = await fakeElasticsearch()
  const connection = connectElasticsearch({ urls: [cluster.url] })
  try {
    cluster.addNode('data-1')
    cluster.addIndex('http-logs', { '@timestamp': 'date', status: 'long', app: 'keyword', client: 'ip' })
    cluster.index(
      'http-logs',
      Array.from({ length: 5000 }, (_, index) => ({
        '@timestamp': new Date(at.getTime() - index * 300).toISOString(),
        status: index % 3 === 0 ? 404 : 200,
        app: `app-${index % (appCount / 4)}`,
        client: `192.0.2.${index % 200}`,
      })),
    )
    const figures: Figure[] = []
    for (const [kind, questionAt] of Object.entries(elasticsearchKinds)) {
      const counts: number[] = []
      for (const rules of ruleSteps) {
        const before = cluster.asked.length
        const questions = Array.from({ length: rules }, (_, index) => questionAt(index))
        await elasticsearchTelemetry(connection).ask(questions, at)
        counts.push(cluster.asked.length - before)
      }
      figures.push(requestsFigure(kind, counts))
    }
    return figures
  } finally {
    await connection.close()
    await cluster.close()
  }
}

async function podFigure(): Promise<Figure> {
  const counts: number[] = []
  for (const rules of ruleSteps) {
    const cluster = await fakeKubernetes()
    const telemetry = kubernetesTelemetry(clusterOf(cluster.config()), { clock: () => at })
    try {
      await askTwice(telemetry, rules)
      counts.push(cluster.asked.lists + cluster.asked.watches)
    } finally {
      telemetry.close()
      await cluster.close()
    }
  }
  return requestsFigure('POD_FAILURE', counts)
}

async function askTwice(telemetry: Telemetry, rules: number): Promise<void> {
  const questions = Array.from({ length: rules }, (_, index): PodsQuestion => ({
    about: 'pods',
    environment: 'prod',
    namespaces: [`namespace-${index % appCount}`],
    selector: [],
    windowSeconds: 0,
  }))
  // The first makes it list, the second finds it watching.
  await telemetry.ask(questions, at)
  await telemetry.ask(questions, at)
}

function requestsFigure(kind: string, [few = 0, many = 0]: readonly number[]): Figure {
  const [some, more] = ruleSteps.map((rules) => rules.toLocaleString('en-US'))
  return figure(`${kind}: ${some} rules, then ${more} about one cluster`, `${few} requests, then ${many}`, {
    text: 'not ten times as many',
    met: many < 2 * few,
  })
}
