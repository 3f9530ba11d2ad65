import type { StarterRule } from './starter-rules.ts'

/** What the made-up clusters stand for, each until a real one is connected. */
export type ClusterStore = 'elasticsearch' | 'kubernetes'

/** The kinds are made for clusters that are looked at now and then; nobody watches a demo for hours. */
const cadence = { evaluationIntervalSeconds: 15, forDurationSeconds: 0, reNotifyMinutes: 60 }

const requests = { index: 'demo-gateway-*', ingestDelaySeconds: 10 } as const

/** A rule of each kind, at least one for each fault of the clusters. */
export const clusterRules: Readonly<Record<ClusterStore, readonly StarterRule[]>> = {
  elasticsearch: [
    {
      ...cadence,
      name: 'Customers see errors',
      description:
        'More than one request in ten about orders ends with 5xx at the gateway: see which service fails.',
      severity: 'CRITICAL',
      conditionKind: 'HTTP_5XX',
      condition: {
        kind: 'HTTP_5XX',
        scope: { appSlug: 'orders-service' },
        ...requests,
        timeField: '@timestamp',
        statusField: 'http.response.status_code',
        appField: 'service.name',
        threshold: 0.1,
        windowSeconds: 60,
        minimumSamples: 20,
      },
    },
    {
      ...cadence,
      name: 'Somebody looks for a way in',
      description: 'One address tries paths that do not exist: block it at the gateway, or allow it here.',
      severity: 'WARNING',
      conditionKind: 'GATEWAY_4XX',
      condition: {
        kind: 'GATEWAY_4XX',
        scope: {},
        ...requests,
        timeField: '@timestamp',
        statusField: 'http.response.status_code',
        appField: 'service.name',
        clientField: 'client.ip',
        trustedHops: 0,
        threshold: 500,
        windowSeconds: 120,
        allow: ['10.0.0.0/8'],
        listed: 10,
      },
    },
    {
      ...cadence,
      name: 'The log cluster is not well',
      description: 'Replicas of the logs are missing, or logs themselves: see which node has left.',
      severity: 'WARNING',
      conditionKind: 'ELASTICSEARCH_HEALTH',
      condition: { kind: 'ELASTICSEARCH_HEALTH', scope: {}, yellowForSeconds: 300, redForSeconds: 60 },
    },
    {
      ...cadence,
      name: 'Disks of the log cluster',
      description: 'Make room before Elasticsearch stops writing at 95 %: remove old indices, or add a node.',
      severity: 'WARNING',
      conditionKind: 'ELASTICSEARCH_STORAGE',
      condition: {
        kind: 'ELASTICSEARCH_STORAGE',
        scope: {},
        infoAbove: 0.5,
        warningAbove: 0.8,
        criticalAbove: 0.9,
      },
    },
    {
      ...cadence,
      name: 'Shards are running out',
      description: 'Soon no index can be made: somebody makes more of them than the cluster may hold.',
      severity: 'WARNING',
      conditionKind: 'ELASTICSEARCH_SHARDS',
      condition: { kind: 'ELASTICSEARCH_SHARDS', scope: {}, fewerThan: 500, firingIntervalSeconds: 15 },
    },
  ],
  kubernetes: [
    {
      ...cadence,
      name: 'Pods of the shop fail',
      description: 'A release that does not start is rolled back; a pod without memory gets more, or a fix.',
      severity: 'CRITICAL',
      conditionKind: 'POD_FAILURE',
      condition: {
        kind: 'POD_FAILURE',
        scope: {},
        namespaces: ['demo-shop'],
        labelSelector: '',
        failures: [
          'OOM_KILLED',
          'CRASH_LOOP',
          'RESTARTS',
          'IMAGE_PULL',
          'CONFIG_ERROR',
          'FAILED',
          'EVICTED',
          'PENDING',
        ],
        severities: { OOM_KILLED: 'WARNING' },
        restarts: 3,
        windowSeconds: 120,
        imagePullSeconds: 120,
        pendingSeconds: 600,
        stableSeconds: 60,
      },
    },
  ],
}
