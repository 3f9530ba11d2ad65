import { describe, expect, test } from 'vitest'
import type { Incident, IncidentStory } from '#engine/incident/incident.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import { composeIncident, composeStory, lasted } from '#engine/message/compose.ts'
import type { Wording } from '#engine/message/wording.ts'
import { plainMessage } from '#engine/message/plain.ts'
import { after, ana, anIncident } from '#test/harness/engine-things.ts'

const fired: TimelineEntry = { at: after(0), actor: { kind: 'clock' }, kind: 'fired', details: {} }
const taken: TimelineEntry = { at: after(120), actor: ana, kind: 'acknowledged', details: {} }

function told(incident: Incident, parts: Partial<IncidentStory> = {}): IncidentStory {
  return { incident, timeline: [fired], suppression: undefined, ...parts }
}

const acknowledged = anIncident({ acknowledgedAt: after(120), acknowledgedBy: ana })
const over = { state: 'RESOLVED', resolvedAt: after(7980) } as const

describe('a rule with words of its own', () => {
  const clients = '203.0.113.7 (812), 198.51.100.23 (604)'
  const summary = `Too many 4xx: ${clients}.`
  const incident = anIncident({ summary, facts: { clients } })
  const wording: Wording = {
    rule: { id: 'r1', name: 'Sweeps', description: '', severity: 'WARNING' },
    environment: { slug: 'prod', name: 'Production' },
    titleTemplate: 'Somebody sweeps {{env.name}}',
    messageTemplate: 'Block them.',
  }
  const shown = (parts: Partial<Wording>) =>
    plainMessage(composeIncident(told(incident, { wording: { ...wording, ...parts } }), after(60)))

  test('is told in them, with the addresses beneath', () => {
    const text = shown({})
    expect(text.split('\n').slice(0, 2)).toEqual(['#42 Somebody sweeps Production', 'Block them.'])
    expect(text).toContain(`Addresses: ${clients}`)
  })

  test.each([
    ['they name them', { messageTemplate: 'Block {{clients}}!' }],
    ['there is no message but what was found', { messageTemplate: '' }],
  ])('says them once where %s', (_what, parts) => {
    expect(shown(parts).split('203.0.113.7')).toHaveLength(2)
  })
})

describe('the living message', () => {
  test('while it fires: what, how bad, since when, and what can be done', () => {
    expect(plainMessage(composeIncident(told(anIncident({})), after(60)))).toBe(
      `#42 Card payments are failing
Error rate is 24 %.
State: FIRING
Severity: CRITICAL
Value: 24 % (limit 5 %)
Since: 2026-11-21 00:00 UTC (2026-11-21 00:00 UTC)
Where: payment-service in prod
2026-11-21 00:00 UTC It fired.`,
    )
  })

  test.each([
    ['firing', anIncident({}), 'critical', ['Acknowledge', 'Silence', 'Resolve']],
    [
      'firing, and not so bad',
      anIncident({ severity: 'WARNING' }),
      'warning',
      ['Acknowledge', 'Silence', 'Resolve'],
    ],
    ['acknowledged', acknowledged, 'acknowledged', ['Silence', 'Resolve']],
    ['over', anIncident(over), 'resolved', []],
  ])('%s: its colour and its buttons', (_what, incident, tone, buttons) => {
    const message = composeIncident(told(incident), after(8000))
    expect(message.tone).toBe(tone)
    expect(message.actions.map((action) => action.label)).toEqual(buttons)
  })

  test('each way to silence carries the line a person could have typed', () => {
    const menu = composeIncident(told(anIncident({})), after(0)).actions.find(
      (action) => action.kind === 'menu',
    )
    expect(menu?.options.map((option) => `${option.label}: ${option.command}`)).toEqual([
      '30 minutes: silence 42 30m',
      '1 hour: silence 42 1h',
      '4 hours: silence 42 4h',
      'Until tomorrow: silence 42 until tomorrow',
      'Custom…: silence 42',
    ])
  })

  test.each([
    ['acknowledged', acknowledged, '#42 Card payments are failing — acknowledged by Ana'],
    ['cleared', anIncident(over), '#42 Card payments are failing — cleared after 2 h 13 min'],
    [
      'closed by hand',
      anIncident({ ...over, resolvedBy: ana }),
      '#42 Card payments are failing — resolved after 2 h 13 min',
    ],
  ])('%s: one line says it all', (_what, incident, headline) => {
    expect(composeIncident(told(incident), after(9000)).headline).toBe(headline)
  })

  test('a silence shows until when, but not once it is over', () => {
    const silence = {
      id: 's',
      environment: 'prod',
      matchers: [{ name: 'check', operator: '=', value: 'check-1' }],
      startsAt: after(0),
      endsAt: after(3600),
      reason: '',
      createdBy: ana,
    } as const
    const suppression = { kind: 'silence', silence, until: silence.endsAt } as const
    expect(plainMessage(composeIncident(told(anIncident({}), { suppression }), after(60)))).toContain(
      'Silenced until: 2026-11-21 01:00 UTC',
    )
    expect(plainMessage(composeIncident(told(anIncident(over), { suppression }), after(60)))).not.toContain(
      'Silenced',
    )
  })

  test('what cannot be measured is said so, and a floor is called one', () => {
    const measurement = { value: null, threshold: 10, unit: 'perSecond', breachesAbove: false } as const
    expect(plainMessage(composeIncident(told(anIncident({ measurement })), after(0)))).toContain(
      'Value: no data (floor 10/s)',
    )
    expect(plainMessage(composeIncident(told(anIncident({ measurement: null })), after(0)))).not.toContain(
      'Value',
    )
  })

  test('it ends with the last three things that happened; `show` tells twenty', () => {
    const timeline = [fired, ...Array.from({ length: 30 }, () => taken)]
    expect(composeIncident(told(acknowledged, { timeline }), after(200)).notes).toHaveLength(3)
    expect(composeStory(told(acknowledged, { timeline }), after(200)).notes).toHaveLength(20)
  })

  test('it lasted from the first breach to the last end, or until now', () => {
    const two = anIncident(
      { ...over, startedAt: after(60), resolvedAt: after(90) },
      { ...over, startedAt: after(0), resolvedAt: after(80) },
    )
    expect(lasted(two, after(999))).toBe('1 min 30 s')
    expect(lasted(anIncident({}), after(45))).toBe('45 s')
  })
})
