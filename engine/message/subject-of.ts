import { type Alert, alertView } from '#engine/alert.ts'
import { isWorse } from '#engine/event.ts'
import { type Incident, type IncidentStory, incidentView, worstAlert } from '#engine/incident/incident.ts'
import type { Reason } from '#engine/notify/plan.ts'
import { actorName } from '#engine/person.ts'
import type { Subject, Tellable } from './subject.ts'
import { notificationWords, type Wording, wordAlert } from './wording.ts'

/** Enough for whoever hands it on; the rest is counted. */
const mostAlerts = 20

/** `base`: the address people reach this house at; without one nothing can be linked to. */
export function subjectOf(story: IncidentStory, reason: Reason, base: string | undefined): Subject {
  const { incident, wording } = withLink(story, base)
  const alert = worstAlert(incident)
  const { title, text: summary } = wordAlert(alert, wording)
  return {
    key: `tocsin-${incident.id}`,
    incidentId: incident.id,
    number: incident.number,
    environment: incident.environment,
    ...(wording && ofRule(alert, wording)),
    status: stands(incidentView(incident)),
    reason,
    severity: alert.severity,
    title,
    summary,
    entity: alert.entity,
    labels: alert.labels,
    startedAt: earliest(incident).toISOString(),
    resolvedAt: isOver(incident) ? latest(incident).toISOString() : null,
    acknowledgedBy: alert.acknowledgedBy ? actorName(alert.acknowledgedBy) : null,
    ruleId: alert.ruleId,
    link: base === undefined ? null : incidentLink(base, incident.number),
    alerts: incident.alerts.toSorted(worstFirst).slice(0, mostAlerts).map(subjectAlert),
    alertCount: incident.alerts.length,
  }
}

function ofRule(alert: Alert, wording: Wording): Partial<Subject> {
  const { title, text: message } = notificationWords(alert, wording)
  return {
    environmentName: wording.environment.name,
    rule: wording.rule,
    facts: alert.facts,
    notification: { title, message },
  }
}

/** So that its rule's words can name where it is found. */
export function withLink(story: IncidentStory, base: string | undefined): IncidentStory {
  const { wording, incident } = story
  if (!wording || base === undefined) return story
  return { ...story, wording: { ...wording, link: incidentLink(base, incident.number) } }
}

/** The living message as it is told for a reason of its own: each line of a thread has one. */
export function toldFor(message: Tellable, reason: Reason): Tellable {
  return message.subject ? { ...message, subject: { ...message.subject, reason } } : message
}

export function incidentLink(base: string, number: number): string {
  return `${base.replace(/\/+$/, '')}/#show=${number}`
}

function stands(view: ReturnType<typeof alertView>): Subject['status'] {
  switch (view) {
    case 'RESOLVED':
      return 'resolved'
    case 'ACKNOWLEDGED':
      return 'acknowledged'
    case 'PENDING':
    case 'FIRING':
      return 'firing'
  }
}

function subjectAlert(alert: Alert): Subject['alerts'][number] {
  const { id, severity, title, summary, entity, labels, startedAt, firedAt, resolvedAt, measurement } = alert
  return {
    id,
    state: stands(alertView(alert)),
    severity,
    title,
    summary,
    entity,
    labels,
    startedAt: startedAt.toISOString(),
    firedAt: firedAt?.toISOString() ?? null,
    resolvedAt: resolvedAt?.toISOString() ?? null,
    value: measurement?.value ?? null,
    threshold: measurement?.threshold ?? null,
  }
}

/** What is open comes before what is over. */
function worstFirst(one: Alert, other: Alert): number {
  const rank = (alert: Alert) => Number(alert.state === 'RESOLVED')
  if (rank(one) !== rank(other)) return rank(one) - rank(other)
  return Number(isWorse(other.severity, one.severity)) - Number(isWorse(one.severity, other.severity))
}

function isOver(incident: Incident): boolean {
  return incidentView(incident) === 'RESOLVED'
}

function earliest({ alerts }: Incident): Date {
  return alerts.map(({ startedAt }) => startedAt).reduce((first, next) => (next < first ? next : first))
}

function latest({ alerts }: Incident): Date {
  return alerts
    .map(({ startedAt, resolvedAt }) => resolvedAt ?? startedAt)
    .reduce((last, next) => (next > last ? next : last))
}
