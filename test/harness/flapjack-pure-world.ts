import type { CheckEvent } from '#engine/event.ts'
import { readFlapjackEvent, readFlapjackText } from '#engine/intake/flapjack.ts'
import { decideAlerts, type MediumAlert } from '#engine/notify/decide-alerts.ts'
import { type CheckNotification, decideNotification } from '#engine/notify/decide-notification.ts'
import { changedRows, openLedger, type SummaryRow, type ToldRow } from '#engine/notify/ledger.ts'
import { compileRouting, type Routing, type RoutingTables } from '#engine/route/routing.ts'
import { endUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'
import { endScheduledMaintenance, scheduleMaintenance } from '#engine/suppress/maintenance.ts'
import { route as whoHears } from '#engine/route/route.ts'
import type { FlapjackWorld, Observed, ScenarioAction, ScenarioConfig } from './flapjack-scenario.ts'
import {
  changed,
  currentWindow,
  entityLink,
  flagsOf,
  initialMemory,
  isEntityLink,
  keyOf,
  nothing,
  readNotificationSettings,
  readRoutingSettings,
  readTables,
  scenarioAlert,
  scenarioNotification,
  subject,
} from './flapjack-tables.ts'

/** The pure engine with Maps for tables; whatever it remembers goes through JSON after every action, as through rows. */
export function pureWorld(config: ScenarioConfig): FlapjackWorld {
  const settings = readRoutingSettings(config)
  const startSecond = Date.parse(config.start) / 1000
  const memories = new Map(config.initial.map((known) => [keyOf(known), initialMemory(known, startSecond)]))
  const told = new Map<string, ToldRow>()
  const summaries = new Map<string, SummaryRow>()
  const notificationSettings = readNotificationSettings(config)
  let tables = readTables(config)
  let routing = compile(tables)

  function compile(changed: RoutingTables): Routing {
    return compileRouting(changed, settings)
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
      routed: whoHears(routing, notification, notification.severity, now),
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

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}
