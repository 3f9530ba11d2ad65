import { describe, expect, test } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import type { Labels } from '#engine/labels.ts'
import {
  presentAlert,
  presentAlerts,
  presentGroups,
  presentReceivers,
  presentSilence,
  presentSilences,
  presentStatus,
} from '#engine/view/alertmanager.ts'
import type { AlertStanding } from '#engine/view/alertmanager.ts'
import { at, silence, standing, team } from './alertmanager-things.ts'

describe('an alert', () => {
  test('has every list and map, and never null', () => {
    expect(presentAlert(standing({ alertname: 'a', z: '1' }))).toEqual({
      annotations: {},
      endsAt: '2026-01-31T10:05:00.000Z',
      fingerprint: fingerprint({ alertname: 'a', z: '1' }),
      receivers: [{ name: 'default' }],
      startsAt: '2026-01-31T10:00:00.000Z',
      status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'active' },
      updatedAt: '2026-01-31T10:00:00.200Z',
      labels: { alertname: 'a', z: '1' },
    })
  })

  test('names where it comes from when that is known', () => {
    const known = standing({ a: 'b' })
    expect(
      presentAlert({ ...known, alert: { ...known.alert, generatorUrl: 'http://h/g?x=1' } }),
    ).toHaveProperty('generatorURL', 'http://h/g?x=1')
  })

  test('is suppressed by silences, inhibition and time intervals, named in order', () => {
    expect(
      presentAlert(standing({ a: 'b' }, { silencedBy: ['s2', 's1'], receivers: ['z', 'b'] })),
    ).toMatchObject({
      receivers: [{ name: 'b' }, { name: 'z' }],
      status: { state: 'suppressed', silencedBy: ['s1', 's2'], inhibitedBy: [] },
    })
    expect(presentAlert(standing({ a: 'b' }, { inhibitedBy: ['f'] })).status.state).toBe('suppressed')
    expect(presentAlert(standing({ a: 'b' }, { mutedBy: ['night'] })).status).toMatchObject({
      state: 'suppressed',
      mutedBy: ['night'],
    })
  })

  test('alerts are listed by fingerprint', () => {
    const shown = presentAlerts(['a', 'b', 'c', 'd'].map((name) => standing({ alertname: name })))
    expect(shown.map((alert) => alert.fingerprint)).toEqual(
      shown.map((alert) => alert.fingerprint).toSorted(),
    )
  })
})

describe('groups', () => {
  const group = (labels: Labels, receiver: string, alerts: AlertStanding[]) => ({ labels, receiver, alerts })
  const some = [standing({ a: 'b' })]

  test('come by labels, the fewest first, then by receiver', () => {
    const groups = [
      group({ b: '1' }, 'z', some),
      group({ b: '1' }, 'a', some),
      group({ a: '1', b: '2' }, 'a', some),
      group({}, 'z', some),
    ]
    const shown = presentGroups(groups).map(
      ({ labels, receiver }) => `${JSON.stringify(labels)} ${receiver.name}`,
    )
    expect(shown).toEqual(['{} z', '{"b":"1"} a', '{"b":"1"} z', '{"a":"1","b":"2"} a'])
  })

  test('hold their alerts by job, then instance, then labels, those without a job last', () => {
    const alerts = [
      { x: '1' },
      { job: 'b' },
      { job: 'a', instance: '2' },
      { job: 'a' },
      { job: 'a', instance: '1', z: '1' },
    ]
    const [shown] = presentGroups([
      group(
        {},
        'r',
        alerts.map((labels) => standing(labels)),
      ),
    ])
    expect(shown?.alerts.map(({ labels }) => labels)).toEqual([
      { job: 'a', instance: '1', z: '1' },
      { job: 'a', instance: '2' },
      { job: 'a' },
      { job: 'b' },
      { x: '1' },
    ])
    expect(shown).toMatchObject({ labels: {}, receiver: { name: 'r' }, routeLabels: {} })
  })
})

describe('silences', () => {
  test('say everything a client may look for', () => {
    const [all] = presentSilences(
      [silence('s', 0, 60, [team, { name: 'zone', operator: '!~', value: 'a.*' }])],
      at(30),
    )
    expect(all).toEqual({
      id: 's',
      status: { state: 'active' },
      updatedAt: '2026-01-31T10:00:01.000Z',
      annotations: {},
      comment: 'why s',
      createdBy: 'ada',
      startsAt: '2026-01-31T10:00:00.000Z',
      endsAt: '2026-01-31T10:01:00.000Z',
      matchers: [
        { isEqual: true, isRegex: false, name: 'team', value: 'a' },
        { isEqual: false, isRegex: true, name: 'zone', value: 'a.*' },
      ],
    })
  })

  test('come active by end, pending by start, then those that ended last', () => {
    const shown = presentSilences(
      [
        silence('A2', 0, 900),
        silence('A1', 0, 300),
        silence('P2', 500, 600),
        silence('P1', 400, 600),
        silence('E2', 0, 3),
        silence('E1', 0, 5),
      ],
      at(10),
    )
    expect(shown.map(({ id }) => id)).toEqual(['A1', 'A2', 'P1', 'P2', 'E1', 'E2'])
    expect(shown.map(({ status }) => status.state)).toEqual([
      'active',
      'active',
      'pending',
      'pending',
      'expired',
      'expired',
    ])
  })

  test('a recurring one shows the span it is in, or the next', () => {
    const daily = {
      ...silence('d', 0, 86_400 * 9),
      recurrence: { cron: '30 10 * * *', zone: 'UTC', durationSeconds: 60 },
    }
    expect(presentSilence(daily, at(1810))).toMatchObject({
      startsAt: '2026-01-31T10:30:00.000Z',
      status: { state: 'active' },
    })
    expect(presentSilence(daily, at(1900))).toMatchObject({
      startsAt: '2026-02-01T10:30:00.000Z',
      status: { state: 'pending' },
    })
  })
})

test('the status lets amtool, Grafana and karma work', () => {
  expect(
    presentStatus({ version: '0.25.0', revision: 'abc', startedAt: at(0), configYaml: 'route: {}\n' }),
  ).toEqual({
    cluster: { peers: [], status: 'disabled' },
    config: { original: 'route: {}\n' },
    uptime: '2026-01-31T10:00:00.000Z',
    versionInfo: {
      branch: '',
      buildDate: '',
      buildUser: '',
      goVersion: '',
      revision: 'abc',
      version: '0.25.0',
    },
  })
})

test('receivers have names', () => {
  expect(presentReceivers(['default', 'second'])).toEqual([
    { name: 'default', labels: {} },
    { name: 'second', labels: {} },
  ])
})
