import { isWorse, type Severity } from '#engine/event.ts'
import { describeFailure } from '#engine/kubernetes/describe-failure.ts'
import { type Failure, failureKinds } from '#engine/kubernetes/failure.ts'
import { parseLabelSelector } from '#engine/kubernetes/label-selector.ts'
import { groupByWorkload, type Workload } from '#engine/kubernetes/workload.ts'
import { workloadFailures } from '#engine/kubernetes/workload-failures.ts'
import type { ConditionDefinition, Reading, Standing } from '#engine/rule/condition.ts'
import { countReading } from '#engine/rule/count-reading.ts'
import type { Answer, PodsAnswer } from '#engine/telemetry/telemetry.ts'
import { podFailureFields, podFailureFromForm } from './pod-failure-form.ts'
import { type PodFailure, podFailureSchema } from './pod-failure-schema.ts'

export type { PodFailure } from './pod-failure-schema.ts'

/** Pods of a cluster, told by what was deployed: one check for each workload, however many of its pods fail. */
export const podFailure: ConditionDefinition<PodFailure> = {
  schema: podFailureSchema,
  label: 'Pod failures',
  about: 'Kubernetes: crash loops, memory, images, evictions, pods that wait',
  unit: () => 'count',
  scope: () => ({}),
  place,
  measure: () => 'Pod failures',
  limit: ({ failures }) =>
    failures.length === failureKinds.length ? 'of any kind' : `of the kinds ${failures.join(', ')}`,
  question: ({ namespaces, labelSelector }, environment) => {
    const parsed = parseLabelSelector(labelSelector)
    if ('problem' in parsed) throw new Error(parsed.problem)
    return { about: 'pods', environment, namespaces, selector: parsed.selector, windowSeconds: 0 }
  },
  hasSubjects: true,
  hasPast: false,
  defaultIntervalSeconds: 15,
  judge: (condition, answer, standing) => judge(condition, podsOf(answer), standing),
  variables: {
    'pod.name': 'orders-7d4b9c6f5-x2x7k',
    'pod.namespace': 'shop',
    'pod.workload': 'orders',
    'pod.reason': 'CrashLoopBackOff',
    'pod.failure': 'CRASH_LOOP',
    'pod.container': 'app',
  },
  fields: podFailureFields,
  fromForm: podFailureFromForm,
  fieldOf: {
    labelSelector: 'selector',
    namespaces: 'namespaces',
    failures: 'failures',
    restarts: 'restarts',
    windowSeconds: 'restarts',
  },
}

function place({ namespaces, labelSelector }: Pick<PodFailure, 'namespaces' | 'labelSelector'>): string {
  const where = namespaces.length > 0 ? namespaces.join(', ') : 'all namespaces'
  return labelSelector === '' ? where : `${where} (${labelSelector})`
}

/** A selector that finds nothing is no data: it may be a typing error, and then no pod would ever be watched. */
function judge(condition: PodFailure, answer: PodsAnswer, standing: Standing): readonly Reading[] {
  const nothing = place(condition)
  const workloads = groupByWorkload(answer.pods, answer.jobs)
  if (workloads.length === 0) return [found('no-data', null, nothing, `No pods are found in ${nothing}.`)]
  const isFoundAgain = standing.isFailing(nothing)
  return [
    ...(isFoundAgain ? [found('clear', 0, nothing, `There are pods in ${nothing} again.`)] : []),
    ...workloads.flatMap((workload) => judgeWorkload(condition, workload, answer.at, standing)),
  ]
}

/** Nothing is said of what is well and was: a cluster may have thousands of workloads. */
function judgeWorkload(
  condition: PodFailure,
  workload: Workload,
  at: Date,
  standing: Standing,
): readonly Reading[] {
  const { subject, namespace, name } = workload
  const isFailing = standing.isFailing(subject)
  const failures = workloadFailures(workload, { limits: condition, at, isFailing }).filter(({ kind }) =>
    condition.failures.includes(kind),
  )
  const worst = worstOf(failures, condition)
  if (!worst)
    return isFailing ? [found('clear', 0, subject, `No pod of ${subject} is seen failing any more.`)] : []
  const names = new Set(failures.map((failure) => failure.name))
  const severity = condition.severities[worst.kind]
  return [
    {
      ...found(
        'breach',
        names.size,
        subject,
        `${describeFailure(worst, condition)}${others(names.size - 1)}`,
      ),
      ...(severity && { severity }),
      labels: { namespace, workload: name, pod: worst.name, reason: worst.reason },
      facts: {
        'pod.name': worst.name,
        'pod.namespace': namespace,
        'pod.workload': name,
        'pod.reason': worst.reason,
        'pod.failure': worst.kind,
        'pod.container': worst.container ?? '',
      },
    },
  ]
}

function found(verdict: Reading['verdict'], value: number | null, subject: string, summary: string): Reading {
  return { ...countReading(verdict, value, summary), subject }
}

function others(count: number): string {
  return count === 0 ? '' : ` ${count} more of its pods ${count === 1 ? 'fails' : 'fail'}, too.`
}

/** By severity where the rule tells them apart, then by what says most, then by name, so that the choice does not wander. */
function worstOf(failures: readonly Failure[], { severities }: PodFailure): Failure | undefined {
  const severityOf = ({ kind }: Failure): Severity | undefined => severities[kind]
  return failures.reduce<Failure | undefined>((worst, failure) => {
    if (!worst) return failure
    const [mine, theirs] = [severityOf(failure), severityOf(worst)]
    if (mine && theirs && mine !== theirs) return isWorse(mine, theirs) ? failure : worst
    const rank = failureKinds.indexOf(failure.kind) - failureKinds.indexOf(worst.kind)
    return rank < 0 || (rank === 0 && failure.name < worst.name) ? failure : worst
  }, undefined)
}

function podsOf(answer: Answer): PodsAnswer {
  if (answer.about !== 'pods') throw new Error(`a POD_FAILURE was answered about ${answer.about}`)
  return answer
}
