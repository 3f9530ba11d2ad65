import type { Severity } from '#engine/event.ts'
import type { Facts } from '#engine/facts.ts'
import type { Labels } from '#engine/labels.ts'
import type { Reason } from '#engine/notify/plan.ts'
import type { Message } from './message.ts'
import type { Wording } from './wording.ts'

/**
 * What a message about an incident is about, as machines need it: for integrations that keep an incident of their own
 * (PagerDuty, ServiceNow) or that hand data on (webhooks, log files).
 */
export interface Subject {
  /** Stable for the whole incident, also when it is opened again: `tocsin-` and its id, at most 100 of A-Z a-z 0-9 _ -. */
  readonly key: string
  readonly incidentId: string
  /** 0: it is no incident that people can act on, such as a test. */
  readonly number: number
  readonly environment: string
  readonly environmentName?: string
  /** Whose alert it is, in the rule's own words; none of what others send. */
  readonly rule?: Wording['rule']
  readonly status: 'firing' | 'acknowledged' | 'resolved'
  /** Why this is told now. */
  readonly reason: Reason
  readonly severity: Severity
  readonly title: string
  readonly summary: string
  readonly entity: string
  readonly labels: Labels
  /** What its kind of rule knows beyond that, by the names its templates use: `pod.name`. */
  readonly facts?: Facts
  /** As its rule's templates say it, or seed 004's defaults. */
  readonly notification?: { readonly title: string; readonly message: string }
  /** ISO 8601. */
  readonly startedAt: string
  readonly resolvedAt: string | null
  readonly acknowledgedBy: string | null
  readonly ruleId: string | null
  /** Where a person finds it in this house; null = nobody said at which address the house is. */
  readonly link: string | null
  /** Worst first, at most twenty of `alertCount`. */
  readonly alerts: readonly SubjectAlert[]
  readonly alertCount: number
}

/** A message with what it is about, where that is an incident; chats do without. */
export interface Tellable extends Message {
  readonly subject?: Subject
}

/** What it is called everywhere: `#42 Error rate`. */
export function numbered({ number, title }: Pick<Subject, 'number' | 'title'>): string {
  return number > 0 ? `#${number} ${title}` : title
}

interface SubjectAlert {
  readonly id: string
  readonly state: 'firing' | 'acknowledged' | 'resolved'
  readonly severity: Severity
  readonly title: string
  readonly summary: string
  readonly entity: string
  readonly labels: Labels
  readonly startedAt: string
  /** When it was sure enough to say so. */
  readonly firedAt?: string | null
  readonly resolvedAt: string | null
  readonly value: number | null
  readonly threshold: number | null
}
