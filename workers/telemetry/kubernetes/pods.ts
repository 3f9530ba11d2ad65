import { type LabelSelector, selects } from '#engine/kubernetes/label-selector.ts'
import type { JobFacts, WatchedPod } from '#engine/kubernetes/pod-facts.ts'
import { rememberRestarts } from '#engine/kubernetes/restart-history.ts'
import type { Labels } from '#engine/labels.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import {
  type PodsAnswer,
  type PodsQuestion,
  type Question,
  type Telemetry,
  type TelemetryUnavailable,
  Unanswerable,
} from '#engine/telemetry/telemetry.ts'
import type { Collection } from './cluster.ts'
import type { Pace } from './follow.ts'
import { keep, type Kept } from './kept.ts'
import { readJob } from './read-job.ts'
import { readPod } from './read-pod.ts'
import type { WireJob, WirePod } from './wire.ts'

export interface Cluster {
  readonly host: string
  readonly pods: Collection<WirePod>
  readonly jobs: Collection<WireJob>
}

interface PodsOptions {
  readonly clock: () => Date
  readonly onTrouble?: (problem: TelemetryUnavailable) => void
  readonly pace?: Partial<Pace>
  readonly staleMs?: number
  readonly patienceMs?: number
  /** Nobody asked for this long: no rule looks at pods any more, and the cluster is left alone. */
  readonly idleMs?: number
}

export interface KubernetesTelemetry extends Telemetry {
  close(): void
}

const pace: Pace = { relistMs: 5 * 60_000, retryMs: 1000, longestRetryMs: 30_000, pageSize: 500 }

/** Kubernetes' side of the telemetry port: watched from the first question on, answered from what is kept of it. */
export function kubernetesTelemetry(cluster: Cluster, options: PodsOptions): KubernetesTelemetry {
  const { idleMs = 15 * 60_000 } = options
  let kept: KeptCluster | undefined
  let idle: NodeJS.Timeout | undefined
  let asking = 0
  const close = () => {
    clearTimeout(idle)
    kept?.close()
    kept = undefined
  }
  const telemetry: KubernetesTelemetry = {
    ask: async (questions, at) => {
      kept ??= keepCluster(cluster, options)
      clearTimeout(idle)
      asking += 1
      try {
        const [pods, jobs] = await Promise.all([kept.pods.all(), kept.jobs.all()])
        return answerAll(questions.filter(isAboutPods), { about: 'pods', at, pods, jobs })
      } finally {
        asking -= 1
        if (asking === 0) idle = setTimeout(close, idleMs).unref()
      }
    },
    watch: (questions) => watchByAsking(telemetry, questions),
    trace: async () => {
      throw new Unanswerable('Kubernetes says how pods are now, and not how they were.')
    },
    close,
  }
  return telemetry
}

interface KeptCluster {
  readonly pods: Kept<WatchedPod>
  readonly jobs: Kept<JobFacts>
  close(): void
}

function keepCluster({ host, pods, jobs }: Cluster, options: PodsOptions): KeptCluster {
  const { clock, onTrouble = () => undefined, staleMs = 2 * 60_000, patienceMs = 10_000 } = options
  const keeping = { host, pace: { ...pace, ...options.pace }, staleMs, patienceMs, onTrouble }
  const uidOf = ({ metadata }: WirePod | WireJob) => metadata?.uid ?? ''
  const kept = {
    pods: keep<WirePod, WatchedPod>(
      pods,
      { read: (pod, before) => rememberRestarts(readPod(pod), before, clock()), uidOf },
      keeping,
    ),
    jobs: keep<WireJob, JobFacts>(jobs, { read: readJob, uidOf }, keeping),
  }
  return {
    ...kept,
    close: () => {
      kept.pods.close()
      kept.jobs.close()
    },
  }
}

function isAboutPods(question: Question): question is PodsQuestion {
  return question.about === 'pods'
}

/** Rules that look at the same pods look at one answer. */
function answerAll(questions: readonly PodsQuestion[], everything: PodsAnswer): PodsAnswer[] {
  const answers = new Map<string, PodsAnswer>()
  return questions.map(({ namespaces, selector }) => {
    const key = JSON.stringify([namespaces, selector])
    const answer = answers.get(key) ?? narrow(everything, namespaces, selector)
    answers.set(key, answer)
    return answer
  })
}

function narrow(everything: PodsAnswer, namespaces: readonly string[], selector: LabelSelector): PodsAnswer {
  const wanted = new Set(namespaces)
  const isAsked = (one: { readonly namespace: string; readonly labels: Labels }) =>
    (wanted.size === 0 || wanted.has(one.namespace)) && selects(selector, one.labels)
  return {
    ...everything,
    pods: everything.pods.filter(({ pod }) => isAsked(pod)),
    jobs: everything.jobs.filter(isAsked),
  }
}
