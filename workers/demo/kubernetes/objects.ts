import type { V1ContainerStatus, V1Pod, V1PodCondition } from '@kubernetes/client-node'

export interface PodParts {
  readonly name: string
  readonly namespace: string
  readonly uid?: string
  readonly labels?: Record<string, string>
  /** `ReplicaSet/orders-6d5f`; null = made by hand. */
  readonly owner: string | null
  readonly createdAt: Date
  readonly image: string
  /** Since when it is being deleted. */
  readonly deletedAt?: Date | undefined
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

/** A pod as the API has it, well but for what is said of it. */
export function podObject(parts: PodParts): V1Pod {
  const { name, namespace, createdAt, owner, ready = true, restartPolicy = 'Always' } = parts
  const statusOf = (container: string, said: Partial<V1ContainerStatus>) =>
    containerStatus(container, { image: parts.image, state: runs(createdAt), ...said })
  const [kind = '', ownerName = ''] = owner?.split('/') ?? []
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: parts.uid ?? `uid of ${namespace}/${name}`,
      creationTimestamp: createdAt,
      labels: { ...parts.labels },
      ...(parts.deletedAt && { deletionTimestamp: parts.deletedAt }),
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
        containerStatuses: [statusOf('app', { ready, ...parts.container })],
      }),
      ...(parts.init && { initContainerStatuses: [statusOf('init', parts.init)] }),
      ...(parts.ephemeral && { ephemeralContainerStatuses: [statusOf('debug', parts.ephemeral)] }),
    },
  }
}

function containerStatus(
  name: string,
  parts: Partial<V1ContainerStatus> & Pick<V1ContainerStatus, 'image'>,
): V1ContainerStatus {
  return { name, imageID: '', ready: true, restartCount: 0, ...parts }
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
      startedAt: startedAt ?? new Date(finishedAt.getTime() - 60_000),
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
