import { describe, expect, test } from 'vitest'
import { acknowledge, type Decide, resolve, silence } from '#engine/incident/decide.ts'
import { incidentView, worstAlert } from '#engine/incident/incident.ts'
import { after, ana, anIncident } from '#test/harness/engine-things.ts'

const ben = { ...ana, id: 'p2', name: 'Ben' }
const now = after(600)
const firing = anIncident({})
const acknowledged = anIncident({ acknowledgedAt: after(480), acknowledgedBy: ben })
const closed = anIncident({ state: 'RESOLVED', resolvedAt: after(300), resolvedBy: ben })
const cleared = anIncident({ state: 'RESOLVED', resolvedAt: after(300) })
const halfTaken = anIncident({ acknowledgedAt: after(480), acknowledgedBy: ben }, { severity: 'WARNING' })

const hour = { id: 'silence-1', until: after(4200), reason: 'Deploying' }

describe('what a person may change', () => {
  test('acknowledging takes every alert that nobody has taken', () => {
    const decision = acknowledge(ana, now)(halfTaken)
    expect(decision).toMatchObject({
      kind: 'changed',
      alerts: [{ id: 'alert-2', acknowledgedAt: now, acknowledgedBy: ana }],
      entry: { at: now, actor: ana, kind: 'acknowledged' },
    })
    expect(decision).not.toHaveProperty('closes')
  })

  test('resolving ends every open alert, acknowledged or not, and quiets their checks', () => {
    expect(resolve(ana, now, null)(halfTaken)).toMatchObject({
      kind: 'changed',
      closes: { reopensAt: null },
      alerts: [
        { id: 'alert-1', state: 'RESOLVED', resolvedAt: now, resolvedBy: ana },
        { id: 'alert-2', state: 'RESOLVED' },
      ],
    })
  })

  test('silencing changes no alert; it keeps the check quiet, whatever episode it is in', () => {
    expect(silence(ana, now, hour)(acknowledged)).toMatchObject({
      kind: 'changed',
      alerts: [],
      entry: { kind: 'silenced', details: { until: hour.until.toISOString(), reason: 'Deploying' } },
      silence: {
        matchers: [{ name: 'check', operator: '=', value: 'check-1' }],
        startsAt: now,
        endsAt: hour.until,
        environment: 'prod',
        createdBy: ana,
      },
    })
    expect(silence(ana, now, { ...hour, reason: '' })(firing)).toMatchObject({
      entry: { details: { until: hour.until.toISOString() } },
    })
  })
})

describe('what a person with a stale button hears (abuse case 12)', () => {
  test.each<[string, Decide, typeof firing, string]>([
    ['who was faster', acknowledge(ana, now), acknowledged, 'Already acknowledged by Ben 2 min ago.'],
    ['that it was closed', acknowledge(ana, now), closed, 'Nothing to do: Ben resolved #42 5 min ago.'],
    ['that it is over', acknowledge(ana, now), cleared, 'Nothing to do: #42 cleared by itself 5 min ago.'],
    ['closing twice', resolve(ana, now, null), closed, 'Nothing to do: Ben resolved #42 5 min ago.'],
    [
      'silencing what is over',
      silence(ana, now, hour),
      cleared,
      'Nothing to do: #42 cleared by itself 5 min ago.',
    ],
    [
      'a button from the day before',
      acknowledge(ana, after(200_000)),
      cleared,
      'Nothing to do: #42 cleared by itself on 2026-11-21 00:05 UTC.',
    ],
  ])('%s', (_what, decide, incident, because) => {
    expect(decide(incident)).toEqual({ kind: 'refused', because })
  })
})

describe('an incident of several alerts', () => {
  test.each([
    ['one still firing', halfTaken, 'FIRING'],
    ['all taken', anIncident({ acknowledgedAt: now }, { acknowledgedAt: now }), 'ACKNOWLEDGED'],
    ['one taken, one over', anIncident({ acknowledgedAt: now }, { state: 'RESOLVED' }), 'ACKNOWLEDGED'],
    ['all over', anIncident({ state: 'RESOLVED' }, { state: 'RESOLVED' }), 'RESOLVED'],
  ])('%s', (_what, incident, view) => {
    expect(incidentView(incident)).toBe(view)
  })

  test('the worst open alert speaks for it; once all are over, the worst there was', () => {
    const open = anIncident({ state: 'RESOLVED' }, { severity: 'INFO' }, { severity: 'WARNING' })
    expect(worstAlert(open).id).toBe('alert-3')
    const over = anIncident({ state: 'RESOLVED', severity: 'INFO' }, { state: 'RESOLVED' })
    expect(worstAlert(over).id).toBe('alert-2')
  })
})
