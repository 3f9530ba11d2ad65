import type { ContainerFacts, Owner, PodFacts, Termination } from '#engine/kubernetes/pod-facts.ts'
import type { WirePod } from './wire.ts'

type WireStatuses = NonNullable<NonNullable<WirePod['status']>['containerStatuses']>
type WireContainerStatus = WireStatuses[number]
type WireTermination = NonNullable<WireContainerStatus['state']>['terminated']
type WireMetadata = NonNullable<WirePod['metadata']>

/** Of all that the API tells of a pod, what its failures are judged by. */
export function readPod({ metadata, spec, status }: WirePod): PodFacts {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  return {
    ...readIdentity(metadata),
    phase: status?.phase ?? 'Unknown',
    reason: status?.reason,
    message: status?.message,
    restartPolicy: spec?.restartPolicy ?? 'Always',
    isReady: ready?.status === 'True',
    readyChangedAt: instant(ready?.lastTransitionTime),
    scheduling: scheduled && {
      isScheduled: scheduled.status === 'True',
      changedAt: instant(scheduled.lastTransitionTime),
      reason: scheduled.reason,
      message: scheduled.message,
    },
    containers: readContainers(spec, status),
  }
}

/** What pods and jobs have in common. An object without a name is not what was asked for. */
export function readIdentity(metadata: WireMetadata | undefined) {
  const { uid, name, namespace, creationTimestamp, labels, ownerReferences, deletionTimestamp } =
    metadata ?? {}
  if (uid === undefined || name === undefined || namespace === undefined)
    throw new Error('an object without name, namespace or uid')
  return {
    uid,
    name,
    namespace,
    labels: { ...labels },
    controller: controllerAmong(ownerReferences),
    createdAt: instant(creationTimestamp) ?? new Date(0),
    isDeleting: deletionTimestamp !== undefined,
  }
}

function controllerAmong(owners: WireMetadata['ownerReferences']): Owner | undefined {
  const controller = owners?.find((owner) => owner.controller === true)
  return controller && { kind: controller.kind, name: controller.name }
}

function readContainers(spec: WirePod['spec'], status: WirePod['status']): ContainerFacts[] {
  const sidecars = new Set(
    spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  )
  const probed = new Set(
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
      .filter(({ readinessProbe }) => readinessProbe !== undefined)
      .map(({ name }) => name),
  )
  const read = (role: ContainerFacts['role'], statuses: WireStatuses = []) =>
    statuses.map((one) => readContainer(one, { role, hasReadinessProbe: probed.has(one.name) }))
  const init = status?.initContainerStatuses ?? []
  return [
    ...read(
      'init',
      init.filter(({ name }) => !sidecars.has(name)),
    ),
    ...read(
      'sidecar',
      init.filter(({ name }) => sidecars.has(name)),
    ),
    ...read('main', status?.containerStatuses),
    ...read('ephemeral', status?.ephemeralContainerStatuses),
  ]
}

function readContainer(
  { name, ready, restartCount, state, lastState }: WireContainerStatus,
  spec: Pick<ContainerFacts, 'role' | 'hasReadinessProbe'>,
): ContainerFacts {
  return {
    name,
    ...spec,
    isReady: ready,
    restartCount,
    waiting: state?.waiting && {
      reason: state.waiting.reason ?? 'Waiting',
      message: state.waiting.message,
    },
    running: state?.running && { startedAt: instant(state.running.startedAt) },
    terminated: readTermination(state?.terminated),
    last: readTermination(lastState?.terminated),
  }
}

function readTermination(ended: WireTermination): Termination | undefined {
  return (
    ended && {
      reason: ended.reason ?? 'Error',
      exitCode: ended.exitCode,
      message: ended.message,
      startedAt: instant(ended.startedAt),
      finishedAt: instant(ended.finishedAt),
    }
  )
}

export function instant(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at
}
