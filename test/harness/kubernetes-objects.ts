import type { V1ContainerStatus, V1Job, V1Pod, V1PodCondition } from '@kubernetes/client-node'

export const noon = new Date('2026-03-02T12:00:00Z')

export function before(noon: Date, minutes: number): Date {
  return new Date(noon.getTime() - minutes * 60_000)
}

export interface PodParts {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly labels?: Record<string, string>
  /** `ReplicaSet/orders-6d5f`; null = made by hand. */
  readonly owner?: string | null
  readonly createdAt?: Date
  readonly isDeleting?: boolean
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly restartPolicy?: string
  readonly ready?: boolean
  readonly readyChangedAt?: Date
  readonly scheduled?: Partial<V1PodCondition>
  readonly hasProbe?: boolean
  /** The status of its one main container; null = the kubelet has not said anything of it. */
  readonly container?: Partial<V1ContainerStatus> | null
  readonly init?: Partial<V1ContainerStatus>
  readonly initRestartPolicy?: string
  readonly ephemeral?: Partial<V1ContainerStatus>
}

/** A pod as the API has it, of the Deployment `shop/orders`, an hour old and well, but for what a test says. */
export function aPod(parts: PodParts = {}): V1Pod {
  const { name = 'orders-6d5f-x2x', namespace = 'shop', createdAt = before(noon, 60) } = parts
  const { owner = 'ReplicaSet/orders-6d5f', ready = true, restartPolicy = 'Always' } = parts
  const [kind = '', ownerName = ''] = owner?.split('/') ?? []
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: parts.uid ?? `uid of ${namespace}/${name}`,
      creationTimestamp: createdAt,
      labels: { app: 'orders', 'pod-template-hash': '6d5f', ...parts.labels },
      ...(parts.isDeleting && { deletionTimestamp: noon }),
      ...(owner !== null && {
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name: ownerName, uid: ownerName, controller: true }],
      }),
    },
    spec: {
      restartPolicy,
      containers: [{ name: 'app', ...(parts.hasProbe && { readinessProbe: { httpGet: { port: 80 } } }) }],
      ...(parts.init && {
        initContainers: [
          { name: 'init', ...(parts.initRestartPolicy && { restartPolicy: parts.initRestartPolicy }) },
        ],
      }),
    },
    status: {
      phase: parts.phase ?? 'Running',
      ...(parts.reason !== undefined && { reason: parts.reason }),
      ...(parts.message !== undefined && { message: parts.message }),
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: createdAt, ...parts.scheduled },
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: parts.readyChangedAt ?? createdAt,
        },
      ],
      ...(parts.container !== null && {
        containerStatuses: [containerStatus('app', { ready, ...parts.container })],
      }),
      ...(parts.init && { initContainerStatuses: [containerStatus('init', parts.init)] }),
      ...(parts.ephemeral && { ephemeralContainerStatuses: [containerStatus('debug', parts.ephemeral)] }),
    },
  }
}

function containerStatus(name: string, parts: Partial<V1ContainerStatus>): V1ContainerStatus {
  return {
    name,
    image: 'registry.example.org/orders:1',
    imageID: '',
    ready: true,
    restartCount: 0,
    state: { running: { startedAt: before(noon, 60) } },
    ...parts,
  }
}

interface Ending {
  readonly exitCode?: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt?: Date
}

/** How a container ended, as `state` and `lastState` say it. */
export function ended(finishedAt: Date, ending: Ending = {}) {
  const { exitCode = 1, reason = exitCode === 0 ? 'Completed' : 'Error', startedAt } = ending
  return {
    terminated: {
      exitCode,
      reason,
      finishedAt,
      startedAt: startedAt ?? before(finishedAt, 1),
      ...(ending.message !== undefined && { message: ending.message }),
    },
  }
}

export function waits(reason: string, message?: string) {
  return { waiting: { reason, ...(message !== undefined && { message }) } }
}

export function runs(startedAt: Date) {
  return { running: { startedAt } }
}

export interface JobParts {
  readonly name?: string
  readonly namespace?: string
  readonly cronJob?: string
  readonly createdAt?: Date
  readonly completedAt?: Date
  readonly failed?: { readonly reason: string; readonly message?: string }
}

export function aJob(parts: JobParts = {}): V1Job {
  const { name = 'backup-1', namespace = 'shop', cronJob, createdAt = before(noon, 60), failed } = parts
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      uid: `uid of job ${namespace}/${name}`,
      creationTimestamp: createdAt,
      ...(cronJob !== undefined && {
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob, uid: cronJob, controller: true },
        ],
      }),
    },
    spec: { template: { metadata: { labels: { app: 'backup' } } } },
    status: {
      ...(parts.completedAt && { completionTime: parts.completedAt }),
      ...(failed && { conditions: [{ type: 'Failed', status: 'True', ...failed }] }),
    },
  }
}
