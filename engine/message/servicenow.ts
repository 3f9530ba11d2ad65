import type { Severity } from '#engine/event.ts'
import { fieldLine, fieldText } from './field-text.ts'
import { plainLine, plainMessage } from './plain.ts'
import type { Line } from './message.ts'
import { numbered, type Subject, type Tellable } from './subject.ts'

/** Columns of the table `incident`; every value is text there. */
export type ServiceNowRecord = Readonly<Record<string, string>>

export interface ServiceNowWishes {
  /** Who looks at it and where it belongs, by the instance's own names; empty ones are left to the instance. */
  readonly assignmentGroup: string
  readonly callerId: string
  readonly category: string
  readonly configurationItem: string
  readonly closeCode: string
  readonly closeNotes: string
}

/** Numbers of the state column as instances come. */
export const serviceNowState = {
  new: '1',
  inProgress: '2',
  resolved: '6',
  closed: '7',
  cancelled: '8',
} as const

const longest = {
  shortDescription: 160,
  description: 4000,
  workNotes: 4000,
  closeNotes: 4000,
  name: 100,
} as const

/** Priority follows from the two by the instance's own matrix. */
const weight: Record<Severity, { urgency: string; impact: string }> = {
  CRITICAL: { urgency: '1', impact: '2' },
  WARNING: { urgency: '2', impact: '2' },
  INFO: { urgency: '3', impact: '3' },
}

/** What stays the same whatever happens to it. */
export function renderNewIncident(
  message: Tellable,
  subject: Subject,
  wishes: ServiceNowWishes,
): ServiceNowRecord {
  const chosen = {
    assignment_group: wishes.assignmentGroup,
    caller_id: wishes.callerId,
    category: wishes.category,
    cmdb_ci: wishes.configurationItem,
  }
  return {
    ...renderIncident(message, subject),
    correlation_id: fieldLine(subject.key, longest.name),
    correlation_display: 'Tocsin',
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== '')),
  }
}

/** What follows the alert. */
export function renderIncident(message: Tellable, subject: Subject): ServiceNowRecord {
  const { subject: _machines, ...shown } = message
  const link = subject.link === null ? '' : `\n${subject.link}`
  return {
    short_description: fieldLine(numbered(subject), longest.shortDescription),
    description: fieldText(plainMessage(shown), longest.description - link.length) + link,
    ...weight[subject.severity],
  }
}

export function renderResolution(
  subject: Subject,
  { closeCode, closeNotes }: ServiceNowWishes,
): ServiceNowRecord {
  return {
    state: serviceNowState.resolved,
    close_code: closeCode,
    close_notes: fieldText(
      `${closeNotes} (#${subject.number}, ${subject.resolvedAt ?? 'now'})`,
      longest.closeNotes,
    ),
  }
}

export function renderWorkNote(line: Line): ServiceNowRecord {
  return { work_notes: fieldText(plainLine(line), longest.workNotes) }
}

/** A record of Event Management; `additional_info` is a text that holds JSON. */
export interface ServiceNowEvent {
  readonly source: string
  readonly event_class: string
  readonly node: string
  readonly resource: string
  readonly metric_name: string
  readonly type: string
  readonly severity: '0' | '1' | '4' | '5'
  readonly description: string
  readonly message_key: string
  readonly time_of_event: string
  readonly resolution_state: 'New' | 'Closing'
  readonly additional_info: string
}

const eventSeverity: Record<Severity, '1' | '4' | '5'> = { CRITICAL: '1', WARNING: '4', INFO: '5' }

export function renderServiceNowEvent(subject: Subject): ServiceNowEvent {
  const isOver = subject.status === 'resolved'
  return {
    source: 'Tocsin',
    event_class: 'Tocsin',
    node: fieldLine(subject.entity, longest.name),
    resource: fieldLine(subject.entity, longest.name),
    metric_name: fieldLine(subject.title, longest.name),
    type: 'alert',
    severity: isOver ? '0' : eventSeverity[subject.severity],
    description: fieldText(`${subject.title}: ${subject.summary}`, longest.description),
    message_key: subject.key,
    time_of_event: inGmt(subject.resolvedAt ?? subject.startedAt),
    resolution_state: isOver ? 'Closing' : 'New',
    additional_info: JSON.stringify(additional(subject)),
  }
}

/** `2026-11-21 03:04:05`, which is read as GMT there. */
function inGmt(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

function additional({ number, environment, status, reason, acknowledgedBy, link, labels }: Subject) {
  const fits = Object.entries(labels)
    .slice(0, 30)
    .map(([name, value]) => [fieldLine(name, 60), fieldLine(value, 200)] as const)
  return {
    incident: number,
    environment,
    status,
    reason,
    acknowledgedBy,
    link,
    labels: Object.fromEntries(fits),
  }
}
