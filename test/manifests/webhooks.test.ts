import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { genericReader } from '#engine/intake/generic.ts'
import { readMapping } from '#engine/intake/mapping.ts'

const folder = join(import.meta.dirname, '../../manifests/webhooks')
const arrival = { environment: 'prod', now: new Date('2026-01-31T10:00:00Z') }

function read(file: string, body: unknown) {
  const mapping = readMapping(readFileSync(join(folder, file), 'utf8'))
  if ('problems' in mapping) throw new Error(JSON.stringify(mapping.problems))
  return genericReader(mapping.mapping)(JSON.stringify(body), 'json', arrival)
}

const grafanaAlert = {
  status: 'firing',
  labels: {
    alertname: 'High CPU',
    grafana_folder: 'Hosts',
    instance: 'web-1:9100',
    severity: 'critical',
    team: 'x',
  },
  annotations: { summary: 'CPU is at 99 %', description: 'for 10 min' },
  startsAt: '2026-01-31T09:59:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: 'c6eadffa33fcdf37',
}
const alarm = {
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '123456789012',
  region: 'eu-central-1',
  time: '2026-01-31T09:59:00Z',
  detail: {
    alarmName: 'queue is long',
    state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-01-31T09:59:00.000+0000' },
    previousState: { value: 'OK' },
  },
}
const heartbeat = { monitorID: 1, status: 0, time: '2026-01-31 09:59:00.123', msg: 'timeout' }
const monitor = { id: 1, name: 'shop', url: 'https://shop.example', type: 'http' }

test('Grafana: each alert is one event, and resolved ends it whatever its severity', () => {
  const resolved = { ...grafanaAlert, status: 'resolved' }
  const bare = { ...grafanaAlert, labels: { alertname: 'Odd' } }
  const { events, refused } = read('grafana.json', {
    status: 'firing',
    alerts: [grafanaAlert, resolved, bare],
  })
  expect(refused).toEqual([])
  expect(events).toMatchObject([
    {
      entity: 'web-1:9100',
      check: 'c6eadffa33fcdf37',
      state: 'critical',
      title: 'High CPU',
      labels: { team: 'x' },
    },
    { state: 'ok' },
    { entity: 'grafana', state: 'warning', title: 'Odd' },
  ])
})

test.each([
  ['ALARM', 'critical'],
  ['OK', 'ok'],
  ['INSUFFICIENT_DATA', 'unknown'],
])('CloudWatch: %s is %s', (value, state) => {
  const { events } = read('cloudwatch.json', {
    ...alarm,
    detail: { ...alarm.detail, state: { ...alarm.detail.state, value } },
  })
  expect(events).toMatchObject([
    {
      entity: '123456789012/eu-central-1',
      check: 'queue is long',
      state,
      summary: 'Threshold Crossed',
      observedAt: Date.parse(alarm.time) / 1000,
    },
  ])
})

describe('Uptime Kuma', () => {
  test.each([
    [0, 'critical'],
    [1, 'ok'],
    [2, 'warning'],
    [3, 'ok'],
  ])('status %i is %s', (status, state) => {
    const { events } = read('uptime-kuma.json', {
      heartbeat: { ...heartbeat, status },
      monitor,
      msg: '[shop] timeout',
    })
    expect(events).toMatchObject([{ entity: 'shop', check: 'uptime', state, summary: 'timeout' }])
  })

  test('the message it sends to try out a webhook is about nothing, and is told so', () => {
    const { events, refused } = read('uptime-kuma.json', { heartbeat: null, monitor: null, msg: 'Testing' })
    expect(events).toEqual([])
    expect(refused[0]?.problems[0]).toContain('entity: the mapping finds nothing')
  })
})

test('every example is in the list of examples', () => {
  const examples = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  expect(examples.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})
