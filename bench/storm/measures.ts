import { quantile } from '../quantile.ts'
import type { Run } from './run-case.ts'

/** One line of the table. */
export interface Measure {
  readonly what: string
  readonly unit: 'a second' | 'ms' | 'MiB' | 's' | ''
  /** Undefined where the case does not have it, or the server does not. */
  of(run: Run): number | undefined
  /** What is better; none where neither is. */
  readonly better?: 'more' | 'less'
}

const p50 = (values: readonly number[] | undefined) => (values?.length ? quantile(values, 0.5) : undefined)
const p99 = (values: readonly number[] | undefined) => (values?.length ? quantile(values, 0.99) : undefined)

const told = {
  accepted: {
    what: 'accepted',
    unit: 'a second',
    better: 'more',
    of: ({ firing }) => firing.acceptedPerSecond,
  },
  answerP99: {
    what: 'POST answered, p99',
    unit: 'ms',
    better: 'less',
    of: ({ firing }) => p99(firing.answerMs),
  },
  p50: {
    what: 'alert → webhook, p50',
    unit: 'ms',
    better: 'less',
    of: ({ firing }) => p50(firing.latencyMs),
  },
  p99: {
    what: 'alert → webhook, p99',
    unit: 'ms',
    better: 'less',
    of: ({ firing }) => p99(firing.latencyMs),
  },
  behindP50: {
    what: '… behind the group wait, p50',
    unit: 'ms',
    better: 'less',
    of: ({ firing }) => p50(firing.behindWaitMs),
  },
  resolvedP50: {
    what: 'resolved → webhook, p50',
    unit: 'ms',
    better: 'less',
    of: ({ resolved }) => p50(resolved?.latencyMs),
  },
  resolvedP99: {
    what: 'resolved → webhook, p99',
    unit: 'ms',
    better: 'less',
    of: ({ resolved }) => p99(resolved?.latencyMs),
  },
} as const satisfies Record<string, Measure>

const read = {
  whole: {
    what: 'all in one answer, p50',
    unit: 'ms',
    better: 'less',
    of: ({ reads }) => p50(reads?.wholeMs),
  },
  wholeMiB: {
    what: 'size of that answer',
    unit: 'MiB',
    of: ({ reads }) => reads && reads.wholeBytes / 1024 ** 2,
  },
  firstPage: {
    what: 'the first page of 100, p50',
    unit: 'ms',
    of: ({ reads }) => p50(reads?.paged?.firstPageMs),
  },
  allPages: {
    what: 'all in pages of 1,000, p50',
    unit: 'ms',
    of: ({ reads }) => p50(reads?.paged?.allPagesMs),
  },
} as const satisfies Record<string, Measure>

const taken = {
  webhooks: { what: 'webhooks', unit: '', of: ({ webhooks }) => webhooks },
  memory: {
    what: 'memory, Pss peak of all processes',
    unit: 'MiB',
    better: 'less',
    of: ({ usage }) => usage.proportionalPeakKb / 1024,
  },
  resident: {
    what: 'RSS peaks summed, shared pages in each',
    unit: 'MiB',
    of: ({ usage }) => usage.residentPeakKb / 1024,
  },
  cpu: { what: 'processor time', unit: 's', better: 'less', of: ({ usage }) => usage.cpuMs / 1000 },
  harness: { what: '… of the bench itself', unit: 's', of: ({ harnessCpuMs }) => harnessCpuMs / 1000 },
} as const satisfies Record<string, Measure>

export const measures = { ...told, ...read, ...taken }

export type MeasureName = keyof typeof measures

export const measureNames = Object.keys(measures) as readonly MeasureName[]
