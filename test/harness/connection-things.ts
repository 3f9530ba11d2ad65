import type { OpenConnection } from '#engine/connection/connection.ts'
import { readConnectionDraft, type ConnectionDraft } from '#engine/connection/draft.ts'
import type { Subject, Tellable } from '#engine/message/subject.ts'
import { start } from './engine-things.ts'

/** A draft as the API would read it; throws where the API would refuse. */
export function aConnection(parts: Readonly<Record<string, unknown>> = {}): ConnectionDraft {
  const read = readConnectionDraft({ name: 'hooks', kind: 'webhook', ...parts })
  if ('problems' in read) throw new Error(`a test's connection was refused: ${JSON.stringify(read.problems)}`)
  return read.draft
}

/** The same, opened for one message. */
export function openedConnection(parts: Readonly<Record<string, unknown>> = {}): OpenConnection {
  return { id: '5f0f7a52-5d0c-4a57-8d0e-3d2a9f1c0001', ...aConnection(parts) }
}

/** A message about an incident that fires. */
export function aTelling(parts: Partial<Subject> = {}): Tellable {
  return {
    tone: 'critical',
    headline: '#7 Card payments are failing',
    lines: [['Error rate is 24 %.']],
    facts: [],
    items: [],
    notes: [],
    actions: [],
    subject: {
      key: 'tocsin-6a1a5f0e-0000-4000-8000-000000000007',
      incidentId: '6a1a5f0e-0000-4000-8000-000000000007',
      number: 7,
      environment: 'prod',
      status: 'firing',
      reason: 'first',
      severity: 'CRITICAL',
      title: 'Card payments are failing',
      summary: 'Error rate is 24 %.',
      entity: 'payment-service',
      labels: { app: 'payment-service' },
      startedAt: start.toISOString(),
      resolvedAt: null,
      acknowledgedBy: null,
      ruleId: null,
      link: 'https://alerts.example.com/#show=7',
      alerts: [],
      alertCount: 1,
      ...parts,
    },
  }
}
