import type { CaseName } from './cases.ts'
import type { MeasureName } from './measures.ts'

export interface Aim {
  readonly text: string
  /** `times` is how many times better ours is than theirs. */
  isMet(ours: number, times: number): boolean
}

const atLeast = (least: number): Aim => ({
  text: `≥ ${least} × better`,
  isMet: (_, times) => times >= least,
})
const better: Aim = { text: 'better', isMet: (_, times) => times > 1 }
const notWorse: Aim = { text: 'not worse', isMet: (_, times) => times >= 1 }
const atMostMs = (most: number): Aim => ({ text: `≤ ${most} ms`, isMet: (ours) => ours <= most })

/** What we promise ourselves against Alertmanager 0.25 on the same machine in the same sitting. */
export const aims: Partial<Record<CaseName, Partial<Record<MeasureName, Aim>>>> = {
  'burst10k-own-gw0': { accepted: atLeast(2), p99: better, memory: better },
  'burst10k-100g-gw1': { accepted: notWorse, p99: notWorse },
  'paced-own-gw0': { p50: atMostMs(10), p99: better },
  'sil10k-eq-100g-gw1': { behindP50: atLeast(20) },
  'sil10k-eq-own-gw0': { p50: atLeast(20) },
  reads10k: { whole: atLeast(2) },
}
