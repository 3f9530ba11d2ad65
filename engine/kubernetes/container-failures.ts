import type { Failure, FailureLimits } from './failure.ts'
import type { ContainerFacts, PodFacts, RestartHistory, Termination } from './pod-facts.ts'
import { crashesSince, endedWell, killedForMemory } from './restart-history.ts'

/** One container, looked at for one instant. */
export interface Look {
  readonly pod: PodFacts
  readonly container: ContainerFacts
  readonly history: RestartHistory | undefined
  readonly limits: FailureLimits
  readonly at: Date
  /** People were told that its workload fails, and not yet that it is over. */
  readonly isFailing: boolean
}

const imageReasons = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
])

const configReasons = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])

export function containerFailures(look: Look): Failure[] {
  return [outOfMemory(look), crashLoop(look), burst(look), imagePull(look), configError(look)].filter(
    (failure) => failure !== undefined,
  )
}

/** An instant rather than a state: told while it lies within the window. */
function outOfMemory({ pod, container, history, limits, at }: Look): Failure | undefined {
  const killed = killedForMemory(container) ?? history?.outOfMemory
  if (!killed?.finishedAt || !lastsAtMost(killed.finishedAt, at, limits.windowSeconds)) return undefined
  return { kind: 'OOM_KILLED', ...ofContainer(pod, container, killed), reason: 'OOMKilled' }
}

/**
 * Told by what the container waits for; the phase of its pod stays Running. The reason is gone whenever the container runs, so what
 * failed goes on failing until it has run for long enough. A job's retries are the job's own business.
 */
function crashLoop(look: Look): Failure | undefined {
  const { pod, container } = look
  if (isRetriedByJob(pod) || endedWell(pod, container)) return undefined
  const told = { kind: 'CRASH_LOOP', ...ofContainer(pod, container), reason: 'CrashLoopBackOff' } as const
  if (container.waiting?.reason === 'CrashLoopBackOff') return told
  return isRecovering(look) ? { ...told, isRecovering: true } : undefined
}

function burst(look: Look): Failure | undefined {
  const { pod, container, history, limits, at } = look
  if (isRetriedByJob(pod) || endedWell(pod, container)) return undefined
  const told = { kind: 'RESTARTS', ...ofContainer(pod, container), reason: 'Restarted' } as const
  const { restarts, windowSeconds, stableSeconds } = limits
  const crashes = crashesSince(pod, history, secondsBefore(at, windowSeconds))
  // As long as it takes for the next one of a burst to come, it is not over.
  const isOver = isSteady(look, Math.max(stableSeconds, windowSeconds / restarts))
  if (crashes >= restarts && !isOver) return { ...told, restarts: crashes }
  return isRecovering(look) ? { ...told, isRecovering: true } : undefined
}

function isRecovering(look: Look): boolean {
  const { container, isFailing } = look
  return isFailing && container.restartCount >= 2 && container.last !== undefined && !isSteady(look)
}

function imagePull({ pod, container, limits, at }: Look): Failure | undefined {
  const { waiting, role } = container
  if (!waiting || !imageReasons.has(waiting.reason) || role === 'ephemeral') return undefined
  if (lastsLess(waitingSince(pod, container), at, limits.imagePullSeconds)) return undefined
  return { kind: 'IMAGE_PULL', ...ofContainer(pod, container), ...waiting, exitCode: undefined }
}

function configError({ pod, container }: Look): Failure | undefined {
  const { waiting } = container
  if (!waiting || !configReasons.has(waiting.reason)) return undefined
  return { kind: 'CONFIG_ERROR', ...ofContainer(pod, container), ...waiting, exitCode: undefined }
}

/** Running, ready where it can say so, and for long enough; or done for good. */
function isSteady({ container, limits, at }: Look, seconds = limits.stableSeconds): boolean {
  const { running, terminated, isReady, hasReadinessProbe } = container
  if (terminated) return terminated.exitCode === 0
  if (!running?.startedAt || lastsLess(running.startedAt, at, seconds)) return false
  return isReady || !hasReadinessProbe
}

function isRetriedByJob({ controller }: PodFacts): boolean {
  return controller?.kind === 'Job'
}

/** The cluster does not say since when a container waits: since the last thing that came to its end before it. */
export function waitingSince(pod: PodFacts, container?: ContainerFacts): Date {
  const { createdAt, scheduling, containers } = pod
  const ends = [
    createdAt,
    scheduling?.isScheduled ? scheduling.changedAt : undefined,
    container?.last?.finishedAt,
    ...containers.filter(({ role }) => role === 'init').map(({ terminated }) => terminated?.finishedAt),
  ]
  return new Date(Math.max(...ends.map((end) => end?.getTime() ?? 0)))
}

function ofContainer(
  pod: PodFacts,
  container: ContainerFacts,
  ended: Termination | undefined = container.terminated ?? container.last,
) {
  return {
    name: pod.name,
    container: container.name,
    message: ended?.message,
    exitCode: ended?.exitCode,
    restarts: container.restartCount,
  }
}

function secondsBefore(at: Date, seconds: number): Date {
  return new Date(at.getTime() - seconds * 1000)
}

export function lastsLess(since: Date, at: Date, seconds: number): boolean {
  return since > secondsBefore(at, seconds)
}

function lastsAtMost(since: Date, at: Date, seconds: number): boolean {
  return since >= secondsBefore(at, seconds)
}
