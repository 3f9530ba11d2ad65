import type { CheckEvent, CheckSubject } from '#engine/check-event.ts'
import type { CheckState } from '#engine/event.ts'
import { readFlapjackEvent, readFlapjackText } from '#engine/intake/flapjack.ts'
import { decideAlerts, type MediumAlert } from '#engine/notify/decide-alerts.ts'
import {
  type CheckNotification,
  decideNotification,
  type NotificationSettings,
} from '#engine/notify/decide-notification.ts'
import { changedRows, openLedger, type SummaryRow, type ToldRow } from '#engine/notify/ledger.ts'
import type { ContactLink } from '#engine/route/contacts.ts'
import { readRule } from '#engine/route/read-rule.ts'
import {
  compileRouting,
  type Routing,
  type RoutingSettings,
  type RoutingTables,
} from '#engine/route/routing.ts'
import type { NotificationRule } from '#engine/route/rules.ts'
import {
  endUnscheduledMaintenance,
  isInUnscheduledMaintenance,
  isUnacknowledgedFailing,
} from '#engine/suppress/acknowledgement.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'
import {
  endScheduledMaintenance,
  isInScheduledMaintenance,
  type MaintenanceChange,
  scheduleMaintenance,
} from '#engine/suppress/maintenance.ts'
import type {
  CheckFlags,
  FlapjackWorld,
  Observed,
  ScenarioAction,
  ScenarioAlert,
  ScenarioConfig,
  ScenarioContact,
  ScenarioNotification,
} from './flapjack-scenario.ts'

/** The pure engine with Maps for tables; whatever it remembers goes through JSON after every action, as through rows. */
export function pureWorld(
  config: ScenarioConfig,
  settings: Pick<RoutingSettings, 'tellOncePerLink'>,
): FlapjackWorld {
  const startSecond = Date.parse(config.start) / 1000
  const memories = new Map(config.initial.map((known) => [keyOf(known), initialMemory(known, startSecond)]))
  const told = new Map<string, ToldRow>()
  const summaries = new Map<string, SummaryRow>()
  const notificationSettings = readNotificationSettings(config)
  let tables = readTables(config)
  let routing = compile(tables)

  function compile(changed: RoutingTables): Routing {
    const { contact_timezone: defaultTimezone, media_interval: defaultIntervalSeconds } = config.defaults
    return compileRouting(changed, { defaultTimezone, defaultIntervalSeconds, ...settings })
  }

  function route(changed: RoutingTables): Observed {
    tables = changed
    routing = compile(tables)
    return nothing
  }

  function process(event: CheckEvent, now: number): Observed {
    const memory = memories.get(event.checkKey) ?? neverSeen
    const decision = decideNotification({ memory, event, now, settings: notificationSettings })
    memories.set(event.checkKey, throughJson(decision.memory))
    const alerts = decision.notification ? tell(decision.notification, now) : []
    return {
      alerts: alerts.map(scenarioAlert),
      notification: decision.notification && scenarioNotification(decision.notification),
      blockedBy: decision.blocked?.by,
      isRejected: false,
      flags: flagsOf(decision.memory, now),
    }
  }

  function tell(notification: CheckNotification, now: number): MediumAlert[] {
    const ledger = openLedger(throughJson({ told: [...told.values()], summaries: [...summaries.values()] }))
    const outcomes = decideAlerts({
      notification,
      routing,
      ledger,
      checkOf,
      now,
    })
    const changed = changedRows(ledger)
    for (const row of changed.told) told.set([row.contactId, row.medium, row.checkKey].join(' '), row)
    for (const row of changed.summaries) summaries.set([row.contactId, row.medium].join(' '), row)
    return outcomes.filter((outcome) => outcome.kind === 'told')
  }

  function checkOf(key: string) {
    const memory = memories.get(key)
    return memory && { entity: key.slice(0, key.indexOf(':')), memory }
  }

  function change(key: string, now: number, changeMemory: (memory: CheckMemory) => CheckMemory): Observed {
    const memory = changeMemory(memories.get(key) ?? neverSeen)
    memories.set(key, memory)
    return { ...nothing, flags: flagsOf(memory, now) }
  }

  function act(action: ScenarioAction): Observed {
    const now = startSecond + action.at
    switch (action.kind) {
      case 'event': {
        const reading =
          action.raw === undefined ? readFlapjackEvent(action.event) : readFlapjackText(action.raw)
        return reading.kind === 'event' ? process(reading.event, now) : { ...nothing, isRejected: true }
      }
      case 'ack':
        return process(
          {
            ...subject(action),
            kind: 'acknowledgement',
            durationSeconds: action.duration ?? null,
            acknowledgementId: null,
          },
          now,
        )
      case 'test':
        return process({ ...subject(action), kind: 'test' }, now)
      case 'scheduled_maintenance': {
        const startsAt = now + (action.start_in ?? 0)
        const window = { startsAt, endsAt: startsAt + action.duration, summary: null }
        return change(keyOf(action), now, (memory) => changed(scheduleMaintenance(memory, window, now)))
      }
      case 'end_scheduled_maintenance':
        return change(keyOf(action), now, (memory) =>
          changed(endScheduledMaintenance(memory, currentWindow(memory, now), now)),
        )
      case 'end_unscheduled_maintenance':
        return change(keyOf(action), now, endUnscheduledMaintenance)
      case 'disable_check':
      case 'enable_check':
        return change(keyOf(action), now, (memory) => ({
          ...memory,
          isEnabled: action.kind === 'enable_check',
        }))
      case 'link_contact':
        return route({ ...tables, links: [...tables.links, entityLink(action.entity, action.contact)] })
      case 'unlink_contact':
        return route({
          ...tables,
          links: tables.links.filter((link) => !isEntityLink(link, action.entity, action.contact)),
        })
      case 'set_timezone': {
        const contacts = tables.contacts.map((contact) =>
          contact.id === action.contact ? { ...contact, timezone: action.timezone } : contact,
        )
        return route({ ...tables, contacts })
      }
    }
  }

  return { act }
}

const nothing: Observed = {
  alerts: [],
  notification: null,
  blockedBy: undefined,
  isRejected: false,
  flags: undefined,
}

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

function keyOf({ entity, check }: { entity: string; check: string }): string {
  return `${entity}:${check}`
}

function subject({ entity, check }: { entity: string; check: string }): CheckSubject {
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

function initialMemory(known: ScenarioConfig['initial'][number], startSecond: number): CheckMemory {
  return {
    ...neverSeen,
    isEnabled: true,
    lastChange: { state: known.state as CheckState, at: startSecond + known.since, summary: null },
  }
}

function changed(change: MaintenanceChange): CheckMemory {
  if (change.kind === 'refused') throw new Error(change.because)
  return change.memory
}

function currentWindow(memory: CheckMemory, now: number): number {
  const open = memory.scheduled.find(({ startsAt, endsAt }) => startsAt <= now && now < endsAt)
  return isInScheduledMaintenance(memory, now)
    ? (memory.scheduledMark?.startsAt ?? NaN)
    : (open?.startsAt ?? NaN)
}

function flagsOf(memory: CheckMemory, now: number): CheckFlags {
  return {
    state: memory.lastChange?.state ?? null,
    in_scheduled_maintenance: isInScheduledMaintenance(memory, now),
    in_unscheduled_maintenance: isInUnscheduledMaintenance(memory, now),
    unacknowledged_failing: isUnacknowledgedFailing(memory, now),
  }
}

function readNotificationSettings({ defaults }: ScenarioConfig): NotificationSettings {
  return {
    initialFailureDelaySeconds: defaults.initial_failure_delay,
    repeatFailureDelaySeconds: defaults.repeat_failure_delay,
    acknowledgementSeconds: 14_400,
    newCheckMaintenanceSeconds: defaults.new_check_scheduled_maintenance,
    newCheckMaintenanceIgnoreTags: defaults.new_check_scheduled_maintenance_ignore_tags,
  }
}

function readTables({
  contacts,
  rules,
  entities,
  check_contacts: checkContacts = [],
}: ScenarioConfig): RoutingTables {
  return {
    contacts: contacts.map(readContact),
    rules: rules.map(readScenarioRule),
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
  if (reading.kind === 'refused') throw new Error(`${id}: ${reading.problems.join('; ')}`)
  return { ...reading.rule, id, contactId: contact }
}

function entityLink(entity: string, contactId: string): ContactLink {
  return { contactId, to: 'entity', entity }
}

function isEntityLink(link: ContactLink, entity: string, contactId: string): boolean {
  return link.to === 'entity' && link.entity === entity && link.contactId === contactId
}

function scenarioNotification(notification: CheckNotification): ScenarioNotification {
  const { type, state, severity, lastState, stateDurationSeconds, tags } = notification
  return { type, state, severity, last_state: lastState, state_duration: stateDurationSeconds, tags }
}

function scenarioAlert({ contactId, medium, notification, summary }: MediumAlert): ScenarioAlert {
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
