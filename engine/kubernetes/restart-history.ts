import type { ContainerFacts, PodFacts, RestartHistory, Termination, WatchedPod } from './pod-facts.ts'

/** No rule looks back further. */
const rememberedMs = 24 * 3600 * 1000

/** A look at a pod, added to what was seen of it before. Another uid, or a count that fell, begins anew. */
export function rememberRestarts(pod: PodFacts, before: WatchedPod | undefined, seenAt: Date): WatchedPod {
  const known = before?.pod.uid === pod.uid ? before : undefined
  const histories = pod.containers.map((container) => {
    const previous = known?.pod.containers.find(({ name }) => name === container.name)
    const history = known?.histories.get(container.name)
    return [container.name, extend(pod, container, { previous, history }, seenAt)] as const
  })
  return { pod, histories: new Map(histories) }
}

interface Known {
  readonly previous: ContainerFacts | undefined
  readonly history: RestartHistory | undefined
}

function extend(
  pod: PodFacts,
  container: ContainerFacts,
  { previous, history }: Known,
  seenAt: Date,
): RestartHistory {
  const newest = killedForMemory(container)
  if (!previous || !history || container.restartCount < previous.restartCount)
    return { since: seenAt, first: atFirst(pod, container), crashedAt: [], outOfMemory: newest }
  const grown = endedWell(pod, container) ? 0 : container.restartCount - previous.restartCount
  const crashedAt = container.last?.finishedAt ?? seenAt
  return {
    ...history,
    crashedAt: [...history.crashedAt, ...Array.from({ length: grown }, () => crashedAt)].filter(
      (at) => at.getTime() > seenAt.getTime() - rememberedMs,
    ),
    outOfMemory: newest ?? history.outOfMemory,
  }
}

export function killedForMemory({ terminated, last }: ContainerFacts): Termination | undefined {
  return [terminated, last].find((one) => one?.reason === 'OOMKilled')
}

/** It did its work and is started again because it always is. */
export function endedWell({ restartPolicy }: PodFacts, { terminated, last }: ContainerFacts): boolean {
  return restartPolicy === 'Always' && (terminated ?? last)?.exitCode === 0
}

function atFirst(pod: PodFacts, container: ContainerFacts): RestartHistory['first'] {
  const { last, restartCount } = container
  return {
    crashes: endedWell(pod, container) ? 0 : restartCount,
    lastBegan: last?.startedAt ?? last?.finishedAt,
  }
}

/**
 * How often a container crashed and was started again after `from`. What happened before it was first seen is concluded from how
 * it was found: all of it is recent where the pod is, or where even the run before began after `from`. Otherwise a count that is
 * high at first sight is no burst.
 */
export function crashesSince(
  { createdAt }: PodFacts,
  history: RestartHistory | undefined,
  from: Date,
): number {
  if (!history) return 0
  const { since, first, crashedAt } = history
  const seen = crashedAt.filter((at) => at > from).length
  const isFirstRecent =
    since > from && (createdAt > from || (first.lastBegan !== undefined && first.lastBegan > from))
  return seen + (isFirstRecent ? first.crashes : 0)
}
