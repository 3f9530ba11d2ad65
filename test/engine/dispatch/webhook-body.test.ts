import { describe, expect, test } from 'vitest'
import { type TellableAlert, webhookBody } from '#engine/dispatch/webhook-body.ts'
import type { Labels } from '#engine/labels.ts'

const startsAt = new Date('2026-01-31T10:00:00Z')
const endsAt = new Date('2026-01-31T10:05:00.250Z')

function alert(labels: Labels, parts: Partial<TellableAlert> = {}): TellableAlert {
  return {
    fingerprint: JSON.stringify(labels),
    labels,
    annotations: {},
    startsAt,
    endsAt: null,
    generatorUrl: '',
    ...parts,
  }
}

function bodyOf(alerts: readonly TellableAlert[], maxAlerts = 0) {
  return webhookBody({
    key: '{}:{}',
    labels: {},
    receiver: 'ops',
    alerts,
    externalUrl: 'http://here',
    maxAlerts,
  })
}

test('a body has every field of version 4, none of them null', () => {
  expect(
    bodyOf([alert({ alertname: 'a' }, { annotations: { summary: 's' }, generatorUrl: 'http://there' })]),
  ).toEqual({
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'ops',
    groupLabels: {},
    commonLabels: { alertname: 'a' },
    commonAnnotations: { summary: 's' },
    externalURL: 'http://here',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'a' },
        annotations: { summary: 's' },
        startsAt: '2026-01-31T10:00:00.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://there',
        fingerprint: '{"alertname":"a"}',
      },
    ],
  })
})

test('what has ended says when, and the group is resolved when all have', () => {
  const ended = alert({ a: '1' }, { endsAt })
  expect(bodyOf([ended])).toMatchObject({
    status: 'resolved',
    alerts: [{ status: 'resolved', endsAt: '2026-01-31T10:05:00.250Z' }],
  })
  expect(bodyOf([ended, alert({ a: '2' })])).toMatchObject({ status: 'firing' })
})

describe('alerts are in order', () => {
  const labelsOf = (...alerts: readonly Labels[]) =>
    bodyOf(alerts.map((labels) => alert(labels))).alerts.map(({ labels }) => labels)

  test('of job, then instance, then all labels', () => {
    const sorted = [
      { job: 'a', instance: '1', z: '1' },
      { job: 'a', instance: '1', z: '2' },
      { job: 'a', instance: '2' },
      { job: 'b', instance: '0' },
    ]
    expect(labelsOf(...sorted.toReversed())).toEqual(sorted)
  })

  test('and those that lack a job or an instance come last', () => {
    const sorted = [{ job: 'z', instance: '1' }, { job: 'z' }, { instance: '0' }, { a: '1' }]
    expect(labelsOf(...sorted.toReversed())).toEqual(sorted)
  })
})

test('common is only what all have alike', () => {
  const body = bodyOf([
    alert({ a: '1', b: '2' }, { annotations: { s: 'same', d: '1' } }),
    alert({ a: '1', b: '3' }, { annotations: { s: 'same', d: '2' } }),
    alert({ a: '1' }, { annotations: { s: 'same' } }),
  ])
  expect(body).toMatchObject({ commonLabels: { a: '1' }, commonAnnotations: { s: 'same' } })
  expect(Object.keys(body.commonLabels)).toEqual(['a'])
  expect(Object.keys(body.commonAnnotations)).toEqual(['s'])
})

test('no more than the limit are sent, the first in order, and the rest are counted', () => {
  const body = bodyOf([alert({ job: 'c' }), alert({ job: 'a' }), alert({ job: 'b' })], 2)
  expect(body.alerts.map(({ labels }) => labels['job'])).toEqual(['a', 'b'])
  expect(body.truncatedAlerts).toBe(1)
})
