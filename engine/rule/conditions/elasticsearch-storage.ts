import { z } from 'zod'
import { type ConditionDefinition, numberFromForm, type Reading } from '#engine/rule/condition.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import type { NodeDisksAnswer } from '#engine/telemetry/elasticsearch.ts'
import { clusterEntity, clusterScope } from './elasticsearch-cluster.ts'

const share = (fallback: number) =>
  z
    .number({ error: 'The share of the disk must be a number.' })
    .min(0, 'The share of the disk is below 0, which no share is.')
    .max(1, 'The share of the disk lies between 0 and 1; for 80 % write 0.8.')
    .default(fallback)

const schema = z
  .strictObject({
    kind: z.literal('ELASTICSEARCH_STORAGE'),
    scope: clusterScope,
    infoAbove: share(0.5),
    warningAbove: share(0.8),
    criticalAbove: share(0.9),
  })
  .superRefine(({ infoAbove, warningAbove, criticalAbove }, context) => {
    if (infoAbove > warningAbove) refuse('warningAbove', 'Warning begins above info: name a larger share.')
    if (warningAbove > criticalAbove)
      refuse('criticalAbove', 'Critical begins above warning: name a larger share.')
    function refuse(field: string, message: string) {
      context.addIssue({ code: 'custom', path: [field], message })
    }
  })

export type ElasticsearchStorage = z.infer<typeof schema>

const percent = (value: number) => formatQuantity(value, 'ratio')

export const elasticsearchStorage: ConditionDefinition<ElasticsearchStorage> = {
  schema,
  label: 'Elasticsearch storage',
  about: 'The disk of a data node fills: info, warning and critical',
  defaultIntervalSeconds: 60,
  unit: () => 'ratio',
  scope: () => clusterEntity,
  measure: () => 'Used disk of each data node',
  limit: ({ infoAbove, warningAbove, criticalAbove }) =>
    `above ${percent(infoAbove)} (info), ${percent(warningAbove)} (warning), ${percent(criticalAbove)} (critical)`,
  question: (_condition, environment) => ({ about: 'node-disks', environment, windowSeconds: 0 }),
  hasPast: false,
  hasSubjects: true,
  judge: (condition, answer) => {
    if (answer.about !== 'node-disks')
      throw new Error(`an ELASTICSEARCH_STORAGE was answered about ${answer.about}`)
    return answer.nodes.map((node) => judgeNode(condition, node))
  },
  variables: { 'node.name': 'data-1', 'node.used': '91.2 %', 'node.available': '44 GB' },
  fields: (values) => [
    level('infoAbove', 'Info above', values['infoAbove'] ?? '50%'),
    level('warningAbove', 'Warning above', values['warningAbove'] ?? '80%'),
    level('criticalAbove', 'Critical above', values['criticalAbove'] ?? '90%'),
  ],
  fromForm: (values, scope) => ({
    kind: 'ELASTICSEARCH_STORAGE',
    scope,
    infoAbove: numberFromForm(values['infoAbove']),
    warningAbove: numberFromForm(values['warningAbove']),
    criticalAbove: numberFromForm(values['criticalAbove']),
  }),
  fieldOf: { infoAbove: 'infoAbove', warningAbove: 'warningAbove', criticalAbove: 'criticalAbove' },
}

function level(name: string, label: string, value: string) {
  return {
    kind: 'text',
    name,
    label,
    hint: 'Used share of the disk, such as 80%',
    required: true,
    value,
  } as const
}

/** The level it is above, and below which it would be the next milder one. */
function judgeNode(condition: ElasticsearchStorage, node: NodeDisksAnswer['nodes'][number]): Reading {
  const levels = [
    { severity: 'CRITICAL', above: condition.criticalAbove },
    { severity: 'WARNING', above: condition.warningAbove },
    { severity: 'INFO', above: condition.infoAbove },
  ] as const
  const reached = levels.find(({ above }) => node.used > above)
  const used = `Node ${node.name} has used ${percent(node.used)} of its disk; ${formatBytes(node.availableBytes)} are left`
  return {
    verdict: reached ? 'breach' : 'clear',
    subject: node.name,
    value: node.used,
    threshold: reached?.above ?? condition.infoAbove,
    unit: 'ratio',
    breachesAbove: true,
    summary: reached
      ? `${used} (${reached.severity.toLowerCase()} above ${percent(reached.above)}).`
      : `${used}.`,
    labels: { node: node.name },
    facts: {
      'node.name': node.name,
      'node.used': percent(node.used),
      'node.available': formatBytes(node.availableBytes),
    },
    ...(reached && { severity: reached.severity }),
  }
}

const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** In powers of 1024, as Elasticsearch itself writes sizes. */
function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${formatQuantity(bytes / 1024 ** power, 'none')} ${byteUnits[power]}`
}
