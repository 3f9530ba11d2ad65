/** Most telling first: of a pod that fails in several ways this is what people are told. */
export const failureKinds = [
  'OOM_KILLED',
  'CRASH_LOOP',
  'RESTARTS',
  'IMAGE_PULL',
  'CONFIG_ERROR',
  'FAILED',
  'EVICTED',
  'PENDING',
] as const

export type FailureKind = (typeof failureKinds)[number]

export interface Failure {
  readonly kind: FailureKind
  /** The pod; of a job that failed the job. */
  readonly name: string
  /** What the container, the pod or the job says itself: CrashLoopBackOff, Evicted, BackoffLimitExceeded. */
  readonly reason: string
  readonly container?: string | undefined
  readonly message?: string | undefined
  readonly exitCode?: number | undefined
  readonly restarts?: number | undefined
  /** It runs again, but not yet for long enough to believe it. */
  readonly isRecovering?: boolean
}

/** When something counts as a failure, and when it is over. */
export interface FailureLimits {
  /** So many crashes within the window are a failure, also where the cluster does not call it a crash loop. */
  readonly restarts: number
  /** For counting crashes, and how long somebody hears that a container was killed for its memory. */
  readonly windowSeconds: number
  readonly imagePullSeconds: number
  readonly pendingSeconds: number
  /** How long it must have run before a crash loop is over; the kubelet forgets its back-off after as long. */
  readonly stableSeconds: number
}
