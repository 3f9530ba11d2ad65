import type { StormShape } from './alerts.ts'
import type { Pace } from './send.ts'

export interface StormCase extends StormShape, Pace {
  readonly about: string
  readonly groupWaitSeconds: number
  readonly groupIntervalSeconds: number
  /** In force before the storm; none of them matches an alert of it. */
  readonly silences?: number
  /** All alerts are posted as resolved, once all were told as firing. */
  readonly resolves?: boolean
  /** How often all alerts are read, while all are firing. */
  readonly reads?: number
}

const ownGroups = { groupWaitSeconds: 0, groupIntervalSeconds: 1 }
const hundredGroups = { groups: 100, groupWaitSeconds: 1, groupIntervalSeconds: 1 }

export const cases = {
  'burst10k-own-gw0': {
    about: '10,000 alerts at once, each a group of its own, no group wait',
    ...ownGroups,
    alerts: 10_000,
    batch: 64,
    resolves: true,
  },
  'burst10k-100g-gw1': {
    about: '10,000 alerts at once in 100 groups, group wait 1 s',
    ...hundredGroups,
    alerts: 10_000,
    batch: 64,
    resolves: true,
  },
  'paced-own-gw0': {
    about: '200 alerts/s for 10 s, each a group of its own, no group wait',
    ...ownGroups,
    alerts: 2000,
    batch: 8,
    perSecond: 200,
  },
  'sil10k-eq-100g-gw1': {
    about: '2,000 alerts at once in 100 groups with 10,000 silences in force, group wait 1 s',
    ...hundredGroups,
    groupIntervalSeconds: 5,
    alerts: 2000,
    batch: 64,
    silences: 10_000,
  },
  'sil10k-eq-100g-gw0': {
    about: 'the same without a group wait: all but the first of a group wait for its interval of 5 s',
    ...hundredGroups,
    groupWaitSeconds: 0,
    groupIntervalSeconds: 5,
    alerts: 2000,
    batch: 64,
    silences: 10_000,
  },
  'sil10k-eq-own-gw0': {
    about: 'the same, each alert a group of its own: no timer is in the figures',
    ...ownGroups,
    groupIntervalSeconds: 5,
    alerts: 2000,
    batch: 64,
    silences: 10_000,
  },
  reads10k: {
    about: 'reading 10,000 firing alerts',
    ...hundredGroups,
    alerts: 10_000,
    batch: 256,
    reads: 10,
  },
  'resend10x-100g-gw1': {
    about: '2,000 alerts in 100 groups, each posted 10 times, group wait 1 s',
    ...hundredGroups,
    alerts: 2000,
    batch: 64,
    rounds: 10,
  },
} as const satisfies Readonly<Record<string, StormCase>>

export type CaseName = keyof typeof cases

export const caseNames = Object.keys(cases) as readonly CaseName[]
