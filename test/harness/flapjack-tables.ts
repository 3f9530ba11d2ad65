import type { CheckState, CheckSubject } from '#engine/event.ts'
import type { MediumAlert } from '#engine/notify/decide-alerts.ts'
import type { CheckNotification, NotificationSettings } from '#engine/notify/decide-notification.ts'
import type { ContactLink } from '#engine/route/contacts.ts'
import { readRule } from '#engine/route/read-rule.ts'
import type { RoutingSettings, RoutingTables } from '#engine/route/routing.ts'
import type { NotificationRule } from '#engine/route/rules.ts'
import { isInUnscheduledMaintenance, isUnacknowledgedFailing } from '#engine/suppress/acknowledgement.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'
import { isInScheduledMaintenance, type MaintenanceChange } from '#engine/suppress/maintenance.ts'
import type {
  CheckFlags,
  Observed,
  ScenarioAlert,
  ScenarioConfig,
  ScenarioContact,
  ScenarioNotification,
} from './flapjack-scenario.ts'

export const nothing: Observed = {
  alerts: [],
  notification: null,
  blockedBy: undefined,
  isRejected: false,
  flags: undefined,
}

export function keyOf({ entity, check }: { entity: string; check: string }): string {
  return `${entity}:${check}`
}

export function subject({ entity, check }: { entity: string; check: string }): CheckSubject {
  return {
    checkKey: keyOf({ entity, check }),
    entity,
    check,
    summary: null,
    details: null,
    tags: [],
    observedAt: null,
  }
}

export function initialMemory(known: ScenarioConfig['initial'][number], startSecond: number): CheckMemory {
  return {
    ...neverSeen,
    isEnabled: true,
    lastChange: { state: known.state as CheckState, at: startSecond + known.since, summary: null },
  }
}

export function changed(change: MaintenanceChange): CheckMemory {
  if (change.kind === 'refused') throw new Error(change.because)
  return change.memory
}

export function currentWindow(memory: CheckMemory, now: number): number {
  const open = memory.scheduled.find(({ startsAt, endsAt }) => startsAt <= now && now < endsAt)
  return isInScheduledMaintenance(memory, now)
    ? (memory.scheduledMark?.startsAt ?? NaN)
    : (open?.startsAt ?? NaN)
}

export function flagsOf(memory: CheckMemory, now: number): CheckFlags {
  return {
    state: memory.lastChange?.state ?? null,
    in_scheduled_maintenance: isInScheduledMaintenance(memory, now),
    in_unscheduled_maintenance: isInUnscheduledMaintenance(memory, now),
    unacknowledged_failing: isUnacknowledgedFailing(memory, now),
  }
}

export function readNotificationSettings({ defaults }: ScenarioConfig): NotificationSettings {
  return {
    initialFailureDelaySeconds: defaults.initial_failure_delay,
    repeatFailureDelaySeconds: defaults.repeat_failure_delay,
    acknowledgementSeconds: 14_400,
    newCheckMaintenanceSeconds: defaults.new_check_scheduled_maintenance,
    newCheckMaintenanceIgnoreTags: defaults.new_check_scheduled_maintenance_ignore_tags,
  }
}

export function readTables({
  contacts,
  rules,
  entities,
  check_contacts: checkContacts = [],
}: ScenarioConfig): RoutingTables {
  return {
    contacts: contacts.map(readContact),
    rules: rules.map(readScenarioRule),
    crowds: [],
    links: [
      ...entities.flatMap(({ id, name, contacts }) =>
        contacts.map((contactId): ContactLink =>
          id === 'ALL' ? { contactId, to: 'all' } : entityLink(name, contactId),
        ),
      ),
      ...checkContacts.flatMap(({ contacts, contact, ...check }) =>
        (contacts ?? [contact ?? '']).map((contactId): ContactLink => ({
          contactId,
          to: 'check',
          checkKey: keyOf(check),
        })),
      ),
    ],
  }
}

function readContact({ id, timezone, media }: ScenarioContact): RoutingTables['contacts'][number] {
  const read = Object.entries(media).map(([name, medium]) => [
    name,
    {
      address: medium.address,
      intervalSeconds: medium.interval ?? null,
      rollupThreshold: medium.rollup_threshold ?? null,
    },
  ])
  return { id, timezone, media: Object.fromEntries(read) }
}

function readScenarioRule({ id, contact, ...body }: ScenarioConfig['rules'][number]): NotificationRule {
  const reading = readRule(body)
  if (reading.kind === 'refused') throw new Error(`${id}: ${JSON.stringify(reading.problems)}`)
  return { ...reading.rule, id, contactId: contact }
}

export function entityLink(entity: string, contactId: string): ContactLink {
  return { contactId, to: 'entity', entity }
}

export function isEntityLink(link: ContactLink, entity: string, contactId: string): boolean {
  return link.to === 'entity' && link.entity === entity && link.contactId === contactId
}

export function scenarioNotification(notification: CheckNotification): ScenarioNotification {
  const { type, state, severity, lastState, stateDurationSeconds, tags } = notification
  return { type, state, severity, last_state: lastState, state_duration: stateDurationSeconds, tags }
}

export function scenarioAlert({
  contactId,
  medium,
  notification,
  summary,
}: Pick<MediumAlert, 'contactId' | 'medium' | 'notification' | 'summary'>): ScenarioAlert {
  return {
    contact: contactId,
    medium,
    type: notification.type,
    state: notification.state,
    check: notification.checkKey,
    ...(summary && {
      rollup: summary.type,
      rollup_threshold: summary.threshold,
      rollup_checks: Object.fromEntries(summary.checks.map(({ checkKey, state }) => [checkKey, state])),
    }),
  }
}

/** As the scenario says, and Flapjack's own way with contacts who are linked twice. */
export function readRoutingSettings({ defaults }: ScenarioConfig): RoutingSettings {
  return {
    defaultTimezone: defaults.contact_timezone,
    defaultIntervalSeconds: defaults.media_interval,
    tellOncePerLink: true,
  }
}
