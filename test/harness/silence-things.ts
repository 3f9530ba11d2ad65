import type { Matcher } from '#engine/matcher.ts'
import {
  placeSilence,
  type ScheduledSilence,
  type SilenceChange,
  type SilenceWish,
} from '#engine/suppress/silence-schedule.ts'

const zero = Date.parse('2026-01-31T10:00:00Z')
export const at = (seconds: number) => new Date(zero + seconds * 1000)
export const team: Matcher = { name: 'team', operator: '=', value: 'a' }
export const zone = { name: 'zone', operator: '=', value: 'z' } as const
const ada = { kind: 'source', name: 'ada' } as const

const wish = (parts: Partial<SilenceWish> = {}): SilenceWish => ({
  matchers: [team],
  startsAt: at(0),
  endsAt: at(600),
  reason: 'racks',
  createdBy: ada,
  ...parts,
})

let made = 0
export function place(
  parts: Partial<SilenceWish>,
  known: ScheduledSilence | undefined,
  now: Date,
): SilenceChange {
  const newId = () => `silence-${(made += 1)}`
  return placeSilence(wish(parts), known, { environment: 'prod', now, newId, names: 'classic' })
}

export function changed(change: SilenceChange) {
  if (change.kind !== 'changed') throw new Error(change.because)
  return change
}

/** As it was decided at an instant. */
export const make = (parts: Partial<SilenceWish> = {}, now = at(0)) =>
  changed(place(parts, undefined, now)).silence
