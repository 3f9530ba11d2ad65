import type { V1Job, V1Pod } from '@kubernetes/client-node'
import type { PodsQuestion } from '#engine/telemetry/telemetry.ts'
import { podObject, type PodParts as AllPodParts } from '#workers/demo/kubernetes/objects.ts'

export const noon = new Date('2026-03-02T12:00:00Z')

export function before(noon: Date, minutes: number): Date {
  return new Date(noon.getTime() - minutes * 60_000)
}

export interface PodParts extends Partial<Omit<AllPodParts, 'deletedAt'>> {
  readonly isDeleting?: boolean
}

/** Which pods there are, wherever they run. */
export const everyPod: PodsQuestion = {
  about: 'pods',
  environment: 'prod',
  namespaces: [],
  selector: [],
  windowSeconds: 0,
}

/** A pod of the Deployment `shop/orders`, an hour old and well, but for what a test says. */
export function aPod({ isDeleting = false, ...parts }: PodParts = {}): V1Pod {
  return podObject({
    name: 'orders-6d5f-x2x',
    namespace: 'shop',
    owner: 'ReplicaSet/orders-6d5f',
    createdAt: before(noon, 60),
    image: 'registry.example.org/orders:1',
    ...(isDeleting && { deletedAt: noon }),
    ...parts,
    labels: { app: 'orders', 'pod-template-hash': '6d5f', ...parts.labels },
  })
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
