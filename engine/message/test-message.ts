import type { Subject, Tellable } from './subject.ts'

/** What a connection is tried with: it says of itself that nothing is wrong. */
export function testMessage(test: { readonly id: string; readonly connection: string }, now: Date): Tellable {
  const title = `Test of ${test.connection}`
  const summary = 'Somebody tries out this connection. Nothing is wrong.'
  return {
    tone: 'info',
    headline: title,
    lines: [[summary]],
    facts: [],
    items: [],
    notes: [],
    actions: [],
    subject: testSubject(test.id, { title, summary }, now),
  }
}

/** The same, over: for integrations that would keep it open. */
export function testIsOver(message: Tellable, now: Date): Tellable {
  if (!message.subject) return message
  const over = { status: 'resolved', reason: 'resolved', resolvedAt: now.toISOString() } as const
  return { ...message, tone: 'resolved', subject: { ...message.subject, ...over } }
}

function testSubject(id: string, words: Pick<Subject, 'title' | 'summary'>, now: Date): Subject {
  return {
    ...words,
    key: `tocsin-test-${id}`,
    incidentId: id,
    number: 0,
    environment: 'test',
    status: 'firing',
    reason: 'first',
    severity: 'INFO',
    entity: 'tocsin',
    labels: { test: 'true' },
    startedAt: now.toISOString(),
    resolvedAt: null,
    acknowledgedBy: null,
    ruleId: null,
    link: null,
    alerts: [],
    alertCount: 0,
  }
}
