import { describe, expect, test } from 'vitest'
import type { Alert } from '#engine/alert.ts'
import type { IncidentStory } from '#engine/incident/incident.ts'
import { message } from '#engine/message/message.ts'
import { subjectOf, toldFor } from '#engine/message/subject-of.ts'
import { after, ana, anIncident } from '#test/harness/engine-things.ts'

function told(...alerts: readonly Partial<Alert>[]): IncidentStory {
  return { incident: anIncident(...alerts), timeline: [], suppression: undefined }
}

const over = { state: 'RESOLVED', resolvedAt: after(600) } as const

describe('what a message is about', () => {
  test('is said by its worst alert, under a key that stays', () => {
    const subject = subjectOf(told({ severity: 'WARNING' }, { title: 'Worse' }), 'first', undefined)
    expect(subject).toMatchObject({
      key: 'tocsin-incident-1',
      number: 42,
      status: 'firing',
      reason: 'first',
      severity: 'CRITICAL',
      title: 'Worse',
      startedAt: '2026-11-21T00:00:00.000Z',
      resolvedAt: null,
      link: null,
      alertCount: 2,
    })
  })

  test.each([
    ['firing', told({})],
    ['acknowledged', told({ acknowledgedAt: after(60), acknowledgedBy: ana })],
    ['resolved', told(over)],
    ['firing', told(over, {})],
  ])('%s', (status, story) => {
    expect(subjectOf(story, 'edit', undefined).status).toBe(status)
  })

  test('began with the first of its alerts and ended with the last', () => {
    const story = told(over, { ...over, startedAt: after(-60), resolvedAt: after(900) })
    expect(subjectOf(story, 'recovered', undefined)).toMatchObject({
      startedAt: after(-60).toISOString(),
      resolvedAt: after(900).toISOString(),
    })
  })

  test('lists twenty alerts, what is open and worst first, and counts them all', () => {
    const many = [
      ...Array.from({ length: 19 }, () => ({ severity: 'WARNING' as const })),
      { ...over, title: 'Over' },
      { title: 'Worst' },
    ]
    const { alerts, alertCount } = subjectOf(told(...many), 'first', undefined)
    expect(alertCount).toBe(21)
    expect(alerts.map(({ title }) => title)).toEqual([
      'Worst',
      ...Array(19).fill('Card payments are failing'),
    ])
  })

  test.each(['https://alerts.example.com', 'https://alerts.example.com/'])('is found at %s', (base) => {
    expect(subjectOf(told({}), 'first', base).link).toBe('https://alerts.example.com/#show=42')
  })

  test('told for another reason is otherwise the same', () => {
    const subject = subjectOf(told({}), 'edit', undefined)
    const reminder = toldFor({ ...message({ headline: 'x' }), subject }, 'reminder')
    expect(reminder.subject).toEqual({ ...subject, reason: 'reminder' })
    expect(toldFor(message({ headline: 'x' }), 'reminder').subject).toBeUndefined()
  })
})
