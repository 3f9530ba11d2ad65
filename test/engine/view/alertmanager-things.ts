import { fingerprint } from '#engine/fingerprint.ts'
import type { Labels } from '#engine/labels.ts'
import type { Matcher } from '#engine/matcher.ts'
import type { ScheduledSilence } from '#engine/suppress/silence-schedule.ts'
import type { AlertStanding } from '#engine/view/alertmanager.ts'

const zero = Date.parse('2026-01-31T10:00:00Z')
export const at = (seconds: number) => new Date(zero + seconds * 1000)

export function standing(
  labels: Labels,
  parts: Partial<AlertStanding> & { end?: number } = {},
): AlertStanding {
  const { end = 300, ...rest } = parts
  return {
    alert: {
      fingerprint: fingerprint(labels),
      labels,
      annotations: {},
      startsAt: at(0),
      endsAt: at(end),
      endsByTimeout: false,
      updatedAt: at(0.2),
      generatorUrl: '',
    },
    receivers: ['default'],
    silencedBy: [],
    inhibitedBy: [],
    mutedBy: [],
    ...rest,
  }
}

export const team: Matcher = { name: 'team', operator: '=', value: 'a' }
export const silence = (
  id: string,
  start: number,
  end: number,
  matchers: readonly [Matcher, ...Matcher[]] = [team],
): ScheduledSilence => ({
  id,
  environment: 'prod',
  matchers,
  startsAt: at(start),
  endsAt: at(end),
  reason: `why ${id}`,
  createdBy: { kind: 'source', name: 'ada' },
  updatedAt: at(1),
})
