import { containerFailures, lastsLess, waitingSince } from './container-failures.ts'
import type { Failure, FailureLimits } from './failure.ts'
import type { JobFacts, PodFacts, WatchedPod } from './pod-facts.ts'
import type { Workload } from './workload.ts'

interface Standing {
  readonly limits: FailureLimits
  readonly at: Date
  /** People were told that this workload fails, and not yet that it is over. */
  readonly isFailing: boolean
}

/** Whatever is wrong with the pods and jobs of one workload at one instant. */
export function workloadFailures(
  { pods, jobs }: Pick<Workload, 'pods' | 'jobs'>,
  standing: Standing,
): Failure[] {
  return [
    ...pods.flatMap((watched) => podFailures(watched, pods, standing)),
    ...jobs.flatMap((job) => jobFailure(job, jobs)),
  ]
}

/** What is being deleted may end as it likes: rollouts, drained nodes, people who clean up. */
function podFailures(
  { pod, histories }: WatchedPod,
  siblings: readonly WatchedPod[],
  standing: Standing,
): Failure[] {
  if (pod.isDeleting) return []
  const ofContainers = pod.containers.flatMap((container) =>
    containerFailures({ pod, container, history: histories.get(container.name), ...standing }),
  )
  if (!hasEnded(pod)) return [...ofContainers, ...pending(pod, standing)]
  // It starts nothing any more; that its memory ran out is still worth knowing.
  return [...failed(pod, siblings), ...ofContainers.filter(({ kind }) => kind === 'OOM_KILLED')]
}

function hasEnded({ phase }: PodFacts): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

/** Taken off its node, which is no fault of what ran in it. */
const evictions = new Set(['Evicted', 'Preempting', 'NodeShutdown', 'Shutdown', 'Terminated', 'NodeLost'])

/** Failed pods stay until somebody cleans up; one whose replacement is ready is history. */
function failed(pod: PodFacts, siblings: readonly WatchedPod[]): Failure[] {
  if (pod.phase !== 'Failed' || pod.controller?.kind === 'Job' || isReplaced(pod, siblings)) return []
  const culprit = pod.containers.find(({ terminated }) => terminated && terminated.exitCode !== 0)
  return [
    {
      kind: evictions.has(pod.reason ?? '') ? 'EVICTED' : 'FAILED',
      name: pod.name,
      reason: pod.reason ?? culprit?.terminated?.reason ?? 'Failed',
      container: culprit?.name,
      message: pod.message ?? culprit?.terminated?.message,
      exitCode: culprit?.terminated?.exitCode,
    },
  ]
}

function isReplaced(pod: PodFacts, siblings: readonly WatchedPod[]): boolean {
  const failedAt = Math.max(
    ...[
      pod.createdAt,
      pod.readyChangedAt,
      ...pod.containers.map(({ terminated }) => terminated?.finishedAt),
    ].map((at) => at?.getTime() ?? 0),
  )
  return (
    pod.controller !== undefined &&
    siblings.some(
      ({ pod: other }) =>
        other.uid !== pod.uid && other.isReady && !other.isDeleting && other.createdAt.getTime() >= failedAt,
    )
  )
}

/** Held back on purpose, or busy with what comes before its main containers, is not stuck. */
function pending(pod: PodFacts, { limits, at }: Standing): Failure[] {
  const { phase, scheduling, containers } = pod
  const isBusy = containers.some(({ role, running }) => role === 'init' && running !== undefined)
  if (phase !== 'Pending' || isBusy || scheduling?.reason === 'SchedulingGated') return []
  if (lastsLess(waitingSince(pod), at, limits.pendingSeconds)) return []
  const waiting = containers.find((container) => container.waiting !== undefined)
  const because = scheduling?.isScheduled === false ? scheduling : waiting?.waiting
  return [
    {
      kind: 'PENDING',
      name: pod.name,
      reason: because?.reason ?? 'Pending',
      message: because?.message ?? pod.message,
      container: scheduling?.isScheduled === false ? undefined : waiting?.name,
    },
  ]
}

/** Over when the job is gone, or when a later one of the same CronJob did its work. */
function jobFailure(job: JobFacts, siblings: readonly JobFacts[]): Failure[] {
  if (!job.failed || job.isDeleting) return []
  const isMadeGood = siblings.some(
    ({ completedAt, createdAt }) => completedAt !== undefined && createdAt > job.createdAt,
  )
  return isMadeGood ? [] : [{ kind: 'FAILED', name: job.name, ...job.failed }]
}
