import type { V1Job, V1Pod } from '@kubernetes/client-node'
import type { JobFacts, PodFacts, WatchedPod } from '#engine/kubernetes/pod-facts.ts'
import { rememberRestarts } from '#engine/kubernetes/restart-history.ts'
import type { Reading } from '#engine/rule/condition.ts'
import { conditionDefinitions } from '#engine/rule/conditions/registry.ts'
import type { PodFailure } from '#engine/rule/conditions/pod-failure.ts'
import { readJob } from '#workers/telemetry/kubernetes/read-job.ts'
import { readPod } from '#workers/telemetry/kubernetes/read-pod.ts'
import type { WireJob, WirePod } from '#workers/telemetry/kubernetes/wire.ts'
import { noon } from './kubernetes-objects.ts'

export function podRule(parts: Readonly<Record<string, unknown>> = {}): PodFailure {
  return conditionDefinitions.POD_FAILURE.schema.parse({ kind: 'POD_FAILURE', ...parts })
}

/** As it comes from the API: times are text. */
export function podFacts(pod: V1Pod): PodFacts {
  return readPod(JSON.parse(JSON.stringify(pod)) as WirePod)
}

/** As the API tells times. */
export function inWholeSeconds(facts: object): unknown {
  return JSON.parse(JSON.stringify(facts).replaceAll(/\.\d{3}Z"/g, 'Z"'))
}

function jobFacts(job: V1Job): JobFacts {
  return readJob(JSON.parse(JSON.stringify(job)) as WireJob)
}

/** One pod, looked at several times. */
export function watched(...looks: readonly (readonly [pod: V1Pod, seenAt: Date])[]): WatchedPod {
  const seen = looks.reduce<WatchedPod | undefined>(
    (before, [pod, seenAt]) => rememberRestarts(podFacts(pod), before, seenAt),
    undefined,
  )
  if (!seen) throw new Error('nobody looked')
  return seen
}

interface Sight {
  readonly at?: Date
  readonly jobs?: readonly V1Job[]
  readonly failing?: readonly string[]
}

/** What a rule says of pods that are seen for the first time, or were watched for a while. */
export function judgePods(
  rule: PodFailure,
  pods: readonly (V1Pod | WatchedPod)[],
  { at = noon, jobs = [], failing = [] }: Sight = {},
): readonly Reading[] {
  const seen = pods.map((pod) => ('histories' in pod ? pod : watched([pod, at])))
  return conditionDefinitions.POD_FAILURE.judge(
    rule,
    { about: 'pods', at, pods: seen, jobs: jobs.map(jobFacts) },
    { isFailing: (subject = '') => failing.includes(subject) },
  )
}
