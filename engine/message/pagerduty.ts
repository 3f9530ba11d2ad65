import type { Severity } from '#engine/event.ts'
import { fieldLine, fieldText } from './field-text.ts'
import { numbered, type Subject } from './subject.ts'

type PagerDutySeverity = 'critical' | 'error' | 'warning' | 'info'

/** The body of an event, https://developer.pagerduty.com/docs/send-alert-event */
export interface PagerDutyEvent {
  readonly routing_key: string
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve'
  readonly dedup_key: string
  readonly client?: string
  readonly client_url?: string
  readonly links?: readonly { readonly href: string; readonly text: string }[]
  readonly payload?: PagerDutyPayload
}

interface PagerDutyPayload {
  readonly summary: string
  readonly source: string
  readonly severity: PagerDutySeverity
  readonly timestamp: string
  readonly component: string
  readonly group: string
  readonly class: string
  readonly custom_details?: Readonly<Record<string, unknown>>
}

export interface PagerDutyWishes {
  readonly routingKey: string
  readonly severities: Readonly<Record<Severity, PagerDutySeverity>>
}

const longestSummary = 1024
const longestName = 255
const mostChangeLabels = 50
/** PagerDuty takes 512 KB. */
const mostBytes = 500 * 1024
const reduced = ' [details left out: too large]'

/**
 * The event that brings PagerDuty's incident to where ours stands. An acknowledgement or a resolution of what it has never heard
 * of is dropped there, so neither can leave an orphan.
 */
export function renderPagerDuty(
  subject: Subject,
  { routingKey, severities }: PagerDutyWishes,
): PagerDutyEvent {
  const named = { routing_key: routingKey, dedup_key: subject.key }
  if (subject.status === 'acknowledged') return { ...named, event_action: 'acknowledge' }
  if (subject.status === 'resolved') return { ...named, event_action: 'resolve' }
  const event = {
    ...named,
    event_action: 'trigger' as const,
    client: 'Tocsin',
    ...(subject.link && { client_url: subject.link }),
    ...linksOf(subject),
  }
  const payload = payloadOf(subject, severities)
  const whole = { ...event, payload: { ...payload, custom_details: details(subject) } }
  return bytesOf(whole) <= mostBytes ? whole : { ...event, payload: shortened(payload) }
}

/** https://developer.pagerduty.com/docs/send-change-event */
export interface PagerDutyChange {
  readonly routing_key: string
  readonly payload: Pick<PagerDutyPayload, 'summary' | 'source' | 'timestamp' | 'custom_details'>
  readonly links?: PagerDutyEvent['links']
}

/** It opens nothing, so nothing has to be closed. */
export function renderPagerDutyChange(subject: Subject, wishes: PagerDutyWishes): PagerDutyChange {
  const { summary, source, timestamp } = payloadOf(subject, wishes.severities)
  const labels = Object.entries(subject.labels)
    .slice(0, mostChangeLabels)
    .map(([name, value]) => [fieldLine(name, 100), fieldLine(value, longestName)] as const)
  return {
    routing_key: wishes.routingKey,
    payload: { summary, source, timestamp, custom_details: Object.fromEntries(labels) },
    ...linksOf(subject),
  }
}

/** Asked again with less, where PagerDuty found it too much. */
export function withoutDetails(event: PagerDutyEvent): PagerDutyEvent | undefined {
  if (!event.payload?.custom_details) return undefined
  const { custom_details: _tooMuch, ...payload } = event.payload
  return { ...event, payload: shortened(payload) }
}

function linksOf({ link, number }: Subject): Pick<PagerDutyEvent, 'links'> {
  return link === null ? {} : { links: [{ href: link, text: `#${number} in Tocsin` }] }
}

function payloadOf(
  subject: Subject,
  severities: PagerDutyWishes['severities'],
): Omit<PagerDutyPayload, 'custom_details'> {
  return {
    summary: fieldLine(`${numbered(subject)}: ${subject.summary}`, longestSummary),
    source: fieldLine(subject.entity, longestName) || 'unknown',
    severity: severities[subject.severity],
    timestamp: subject.startedAt,
    component: fieldLine(subject.entity, longestName) || 'unknown',
    group: fieldLine(subject.environment, longestName),
    class: fieldLine(subject.title, longestName),
  }
}

function shortened(payload: PagerDutyPayload): PagerDutyPayload {
  return { ...payload, summary: fieldLine(payload.summary, longestSummary - reduced.length) + reduced }
}

function details(subject: Subject): Readonly<Record<string, unknown>> {
  return {
    incident: subject.number,
    environment: subject.environment,
    entity: subject.entity,
    reason: subject.reason,
    summary: fieldText(subject.summary, 16_000),
    labels: subject.labels,
    rule: subject.ruleId,
    alert_count: subject.alertCount,
    alerts: subject.alerts,
  }
}

function bytesOf(event: PagerDutyEvent): number {
  return new TextEncoder().encode(JSON.stringify(event)).length
}
