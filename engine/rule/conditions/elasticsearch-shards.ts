import { z } from 'zod'
import { type ConditionDefinition, durationFromForm, numberFromForm } from '#engine/rule/condition.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { clusterEntity, clusterScope } from './elasticsearch-cluster.ts'

const schema = z.strictObject({
  kind: z.literal('ELASTICSEARCH_SHARDS'),
  scope: clusterScope,
  fewerThan: z
    .int({ error: 'The number of free shards must be a whole number.' })
    .min(1, 'There are never fewer than 0 free shards: this could never fire. Name 1 or more.')
    .default(500),
  firingIntervalSeconds: z
    .int({ error: 'The interval must be a whole number of seconds.' })
    .min(5, 'The interval is shorter than 5 s.')
    .max(86_400, 'The interval is longer than a day (86400 s).')
    .default(1800),
})

export type ElasticsearchShards = z.infer<typeof schema>

const free = (count: number) => formatQuantity(count, 'count')

export const elasticsearchShards: ConditionDefinition<ElasticsearchShards> = {
  schema,
  label: 'Elasticsearch shards',
  about: 'Few shards are left before the limit at which no index can be made',
  defaultIntervalSeconds: 12 * 3600,
  firingIntervalSeconds: ({ firingIntervalSeconds }) => firingIntervalSeconds,
  unit: () => 'count',
  scope: () => clusterEntity,
  measure: () => 'Shards left before the limit of the cluster',
  limit: ({ fewerThan }) => `below ${free(fewerThan)}`,
  question: (_condition, environment) => ({ about: 'shard-capacity', environment, windowSeconds: 0 }),
  hasPast: false,
  judge: ({ fewerThan }, answer) => {
    if (answer.about !== 'shard-capacity')
      throw new Error(`an ELASTICSEARCH_SHARDS was answered about ${answer.about}`)
    const { cluster, used, limit } = answer
    const left = limit - used
    const isFew = left < fewerThan
    const remedy = isFew
      ? ' Remove indices, give them fewer shards, add a data node, or raise cluster.max_shards_per_node.'
      : ''
    return [
      {
        verdict: isFew ? 'breach' : 'clear',
        value: left,
        threshold: fewerThan,
        unit: 'count',
        breachesAbove: false,
        summary: `${cluster} has room for ${free(left)} more shards: ${free(used)} of ${free(limit)} are used.${remedy}`,
        labels: { cluster },
        facts: {
          'cluster.name': cluster,
          'shards.left': String(left),
          'shards.used': String(used),
          'shards.limit': String(limit),
        },
      },
    ]
  },
  variables: { 'cluster.name': 'logs', 'shards.left': '412', 'shards.used': '2588', 'shards.limit': '3000' },
  fields: (values) => [
    {
      kind: 'text',
      name: 'fewerThan',
      label: 'Fires below this many free shards',
      required: true,
      value: values['fewerThan'] ?? '500',
    },
    {
      kind: 'text',
      name: 'firingInterval',
      label: 'While it fires, look again every',
      hint: 'Otherwise every 12 h',
      required: true,
      value: values['firingInterval'] ?? '30m',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'ELASTICSEARCH_SHARDS',
    scope,
    fewerThan: numberFromForm(values['fewerThan']),
    firingIntervalSeconds: durationFromForm(values['firingInterval']),
  }),
  fieldOf: { fewerThan: 'fewerThan', firingIntervalSeconds: 'firingInterval' },
}
