import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import { type ConditionDefinition, durationFromForm } from '#engine/rule/condition.ts'
import { countReading } from '#engine/rule/count-reading.ts'
import type { ClusterHealthAnswer } from '#engine/telemetry/elasticsearch.ts'
import { clusterEntity, clusterScope } from './elasticsearch-cluster.ts'

const lasting = (colour: string, fallback: number) =>
  z
    .int({ error: `How long it may be ${colour} must be a whole number of seconds.` })
    .min(0, `How long it may be ${colour} is below 0.`)
    .max(86_400, `How long it may be ${colour} is longer than a day (86400 s).`)
    .default(fallback)

const schema = z
  .strictObject({
    kind: z.literal('ELASTICSEARCH_HEALTH'),
    scope: clusterScope,
    yellowForSeconds: lasting('yellow', 300),
    redForSeconds: lasting('red', 60),
  })
  .refine(({ yellowForSeconds, redForSeconds }) => redForSeconds <= yellowForSeconds, {
    path: ['redForSeconds'],
    message: 'Red is worse than yellow: it cannot be borne for longer.',
  })

export type ElasticsearchHealth = z.infer<typeof schema>

export const elasticsearchHealth: ConditionDefinition<ElasticsearchHealth> = {
  schema,
  label: 'Elasticsearch health',
  about: 'The cluster is yellow or red for longer than it may be',
  defaultIntervalSeconds: 15,
  setsDelay: true,
  unit: () => 'count',
  scope: () => clusterEntity,
  measure: () => 'Cluster health',
  limit: ({ yellowForSeconds, redForSeconds }) =>
    `yellow for ${formatDuration(yellowForSeconds)} or red for ${formatDuration(redForSeconds)}`,
  question: (_condition, environment) => ({ about: 'cluster-health', environment, windowSeconds: 0 }),
  hasPast: false,
  judge: ({ yellowForSeconds, redForSeconds }, answer) => {
    if (answer.about !== 'cluster-health')
      throw new Error(`an ELASTICSEARCH_HEALTH was answered about ${answer.about}`)
    const { colour, cluster, unassignedShards, initializingShards } = answer
    const same = {
      ...countReading('clear', unassignedShards + initializingShards, describe(answer)),
      labels: { cluster },
      facts: {
        'cluster.name': cluster,
        'cluster.status': colour,
        'cluster.nodes': String(answer.nodes),
        'cluster.unassignedShards': String(unassignedShards),
        'cluster.initializingShards': String(initializingShards),
      },
    } as const
    switch (colour) {
      case 'green':
        return [same]
      case 'yellow':
        return [{ ...same, verdict: 'breach', severity: 'WARNING', forSeconds: yellowForSeconds }]
      case 'red':
        return [{ ...same, verdict: 'breach', severity: 'CRITICAL', forSeconds: redForSeconds }]
    }
  },
  variables: {
    'cluster.name': 'logs',
    'cluster.status': 'yellow',
    'cluster.nodes': '3',
    'cluster.unassignedShards': '4',
    'cluster.initializingShards': '1',
  },
  fields: (values) => [
    {
      kind: 'text',
      name: 'yellowFor',
      label: 'Yellow (a replica is missing) for longer than',
      hint: 'Such as 5m; 0 = tell at once',
      required: true,
      value: values['yellowFor'] ?? '5m',
    },
    {
      kind: 'text',
      name: 'redFor',
      label: 'Red (data is missing) for longer than',
      hint: 'Such as 1m; 0 = tell at once',
      required: true,
      value: values['redFor'] ?? '1m',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'ELASTICSEARCH_HEALTH',
    scope,
    yellowForSeconds: durationFromForm(values['yellowFor']),
    redForSeconds: durationFromForm(values['redFor']),
  }),
  fieldOf: { yellowForSeconds: 'yellowFor', redForSeconds: 'redFor' },
}

function describe({ cluster, colour, unassignedShards, initializingShards, nodes }: ClusterHealthAnswer) {
  const where = `${cluster} (${count(nodes, 'node')})`
  if (colour === 'green') return `${where} is green.`
  const missing = `${count(unassignedShards, 'shard')} not assigned, ${initializingShards} on the way`
  return colour === 'yellow'
    ? `${where} is yellow: replicas are missing (${missing}).`
    : `${where} is red: a primary shard is missing, and its data with it (${missing}).`
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`
}
