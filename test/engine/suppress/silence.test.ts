import { describe, expect, test } from 'vitest'
import { alertLabels } from '#engine/alert.ts'
import { isInForce, type Silence, silencing } from '#engine/suppress/silence.ts'
import { silenceEnd } from '#engine/suppress/until.ts'
import { after, ana, anAlert } from '#test/harness/engine-things.ts'

function aSilence(parts: Partial<Silence> = {}): Silence {
  return {
    id: 'silence-1',
    environment: 'prod',
    matchers: [{ name: 'check', operator: '=', value: 'check-1' }],
    startsAt: after(0),
    endsAt: after(60),
    reason: '',
    createdBy: ana,
    ...parts,
  }
}

const labels = alertLabels(anAlert())

describe('a silence', () => {
  test.each([
    ['before it starts', -1, false],
    ['from its first instant', 0, true],
    ['until just before its end', 59.999, true],
    ['but not at its end', 60, false],
  ])('%s', (_when, seconds, expected) => {
    expect(isInForce(aSilence(), after(seconds))).toBe(expected)
  })

  test('needs all of its matchers', () => {
    const other = { name: 'app', operator: '=', value: 'order-service' } as const
    expect(silencing([aSilence()], labels, after(1))?.id).toBe('silence-1')
    expect(
      silencing([aSilence({ matchers: [...aSilence().matchers, other] })], labels, after(1)),
    ).toBeUndefined()
  })

  test('of several in force the one that lasts longest is named', () => {
    const silences = [
      aSilence(),
      aSilence({ id: 'long', endsAt: after(900) }),
      aSilence({ id: 'over', endsAt: after(1) }),
    ]
    expect(silencing(silences, labels, after(1))?.id).toBe('long')
    expect(silencing(silences, labels, after(900))).toBeUndefined()
  })

  test('matches the labels an alert came with, and which check and rule it is, whatever its source says', () => {
    const alert = anAlert({
      ruleId: 'rule-1',
      labels: { check: 'forged', ruleId: 'forged', severity: 'critical', team: 'payments' },
    })
    expect(alertLabels(alert)).toEqual({
      check: 'check-1',
      severity: 'critical',
      tocsin_severity: 'CRITICAL',
      entity: 'payment-service',
      ruleId: 'rule-1',
      team: 'payments',
    })
  })
})

describe('until tomorrow is nine in the morning of the next day, by the wall clock of the house', () => {
  test.each([
    ['an ordinary evening', '2026-11-20T22:30:00+01:00', 'Europe/Berlin', '2026-11-21T09:00:00+01:00'],
    [
      'just after midnight it is still the next day',
      '2026-11-21T00:05:00+01:00',
      'Europe/Berlin',
      '2026-11-22T09:00:00+01:00',
    ],
    [
      'the night the clocks go back',
      '2026-10-24T23:00:00+02:00',
      'Europe/Berlin',
      '2026-10-25T09:00:00+01:00',
    ],
    ['the night they go forward', '2026-03-28T23:00:00+01:00', 'Europe/Berlin', '2026-03-29T09:00:00+02:00'],
    [
      'in the hour that happens twice',
      '2026-10-25T02:30:00+01:00',
      'Europe/Berlin',
      '2026-10-26T09:00:00+01:00',
    ],
    ['where it is already tomorrow', '2026-11-20T22:30:00Z', 'Pacific/Auckland', '2026-11-22T09:00:00+13:00'],
    [
      'where days begin without a midnight',
      '2026-09-05T22:00:00-04:00',
      'America/Santiago',
      '2026-09-06T09:00:00-03:00',
    ],
  ])('%s', (_when, now, zone, expected) => {
    expect(silenceEnd({ kind: 'tomorrow' }, new Date(now), zone)).toEqual(new Date(expected))
  })

  test('minutes are minutes, whatever the clocks do', () => {
    const night = new Date('2026-10-25T00:30:00Z')
    expect(silenceEnd({ kind: 'minutes', minutes: 90 }, night, 'Europe/Berlin')).toEqual(
      new Date('2026-10-25T02:00:00Z'),
    )
  })
})
