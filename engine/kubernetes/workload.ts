import type { JobFacts, Owner, PodFacts, WatchedPod } from './pod-facts.ts'

/** What people deployed, with all that runs for it. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  /** As people know it: `shop/orders`. */
  readonly subject: string
  readonly pods: readonly WatchedPod[]
  readonly jobs: readonly JobFacts[]
}

/** Two of different kinds with the same name are one to people, and to their checks. */
export function groupByWorkload(pods: readonly WatchedPod[], jobs: readonly JobFacts[]): readonly Workload[] {
  const jobsByName = new Map(jobs.map((job) => [subjectOf(job, job), job]))
  const podsOf = Map.groupBy(pods, ({ pod }) => subjectOf(pod, workloadOf(pod, jobsByName)))
  const jobsOf = Map.groupBy(jobs, (job) => subjectOf(job, job.controller ?? job))
  return [...new Set([...podsOf.keys(), ...jobsOf.keys()])].map((subject) => {
    const [namespace = '', name = ''] = subject.split('/')
    return { namespace, name, subject, pods: podsOf.get(subject) ?? [], jobs: jobsOf.get(subject) ?? [] }
  })
}

/**
 * The Deployment above a ReplicaSet, the CronJob above a Job. Told by owner references and the template hash the cluster itself
 * puts into names, never by how names begin.
 */
function workloadOf(pod: PodFacts, jobs: ReadonlyMap<string, JobFacts>): Pick<Owner, 'name'> {
  const { controller, labels } = pod
  if (controller?.kind === 'ReplicaSet') return deploymentOf(controller, labels['pod-template-hash'])
  if (controller?.kind === 'Job') return jobs.get(subjectOf(pod, controller))?.controller ?? controller
  return controller ?? pod
}

/** A ReplicaSet that somebody made by hand has no hash. */
function deploymentOf({ name }: Owner, hash: string | undefined): Pick<Owner, 'name'> {
  return { name: hash && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : name }
}

function subjectOf({ namespace }: { readonly namespace: string }, { name }: Pick<Owner, 'name'>): string {
  return `${namespace}/${name}`
}
