import type { JobFacts } from '#engine/kubernetes/pod-facts.ts'
import { instant, readIdentity } from './read-pod.ts'
import type { WireJob } from './wire.ts'

/** A job has failed when its own condition says so, and not when one of its tries did. */
export function readJob({ metadata, spec, status }: WireJob): JobFacts {
  const identity = readIdentity(metadata)
  const failed = status?.conditions?.find(({ type, status: is }) => type === 'Failed' && is === 'True')
  return {
    ...identity,
    labels: { ...identity.labels, ...spec?.template?.metadata?.labels },
    completedAt: instant(status?.completionTime),
    failed: failed && { reason: failed.reason ?? 'Failed', message: failed.message },
  }
}
