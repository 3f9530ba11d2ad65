import type { Labels } from '#engine/labels.ts'

/** What is known of a pod, as far as its failures go; the cluster's own words for phases and reasons. */
export interface PodFacts {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  /** What made it and would replace it; undefined = a person did. */
  readonly controller: Owner | undefined
  readonly createdAt: Date
  /** Somebody asked for its end: whatever happens to it now is meant. */
  readonly isDeleting: boolean
  /** Pending, Running, Succeeded, Failed or Unknown: never what a container waits for. */
  readonly phase: string
  readonly reason: string | undefined
  readonly message: string | undefined
  readonly restartPolicy: string
  readonly isReady: boolean
  readonly readyChangedAt: Date | undefined
  readonly scheduling: Scheduling | undefined
  readonly containers: readonly ContainerFacts[]
}

export interface Owner {
  readonly kind: string
  readonly name: string
}

interface Scheduling {
  readonly isScheduled: boolean
  readonly changedAt: Date | undefined
  readonly reason: string | undefined
  readonly message: string | undefined
}

export interface ContainerFacts {
  readonly name: string
  /** `sidecar`: an init container that is meant to go on running. */
  readonly role: 'init' | 'sidecar' | 'main' | 'ephemeral'
  readonly isReady: boolean
  readonly hasReadinessProbe: boolean
  readonly restartCount: number
  readonly waiting: Waiting | undefined
  readonly running: { readonly startedAt: Date | undefined } | undefined
  readonly terminated: Termination | undefined
  /** How it ended the time before. */
  readonly last: Termination | undefined
}

interface Waiting {
  readonly reason: string
  readonly message: string | undefined
}

export interface Termination {
  readonly reason: string
  readonly exitCode: number
  readonly message: string | undefined
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
}

/** Retries are a job's own business: it fails when it says so. */
export interface JobFacts {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** Its own, and those of its pods. */
  readonly labels: Labels
  readonly controller: Owner | undefined
  readonly createdAt: Date
  readonly isDeleting: boolean
  readonly completedAt: Date | undefined
  readonly failed: { readonly reason: string; readonly message: string | undefined } | undefined
}

/** A pod as it is, with what was seen of its restarts; the cluster itself remembers the last one only. */
export interface WatchedPod {
  readonly pod: PodFacts
  readonly histories: ReadonlyMap<string, RestartHistory>
}

/** Of one container. */
export interface RestartHistory {
  /** No restart since then was missed. */
  readonly since: Date
  /** What was found at first: how often it had crashed, and when the run before that one began. */
  readonly first: { readonly crashes: number; readonly lastBegan: Date | undefined }
  /** When it ended badly and was started again, oldest first. */
  readonly crashedAt: readonly Date[]
  readonly outOfMemory: Termination | undefined
}
