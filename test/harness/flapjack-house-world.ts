import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { changeMemory } from '#db/repositories/checks.ts'
import { linkContact, saveContact, saveNotificationRule, unlinkContact } from '#db/repositories/contacts.ts'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { contacts, routingVersion } from '#db/schema/contacts.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { type CheckEvent, arrivedEvent } from '#engine/event.ts'
import { readFlapjackEvent, readFlapjackText } from '#engine/intake/flapjack.ts'
import { endUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import type { CheckMemory } from '#engine/suppress/check-memory.ts'
import { endScheduledMaintenance, scheduleMaintenance } from '#engine/suppress/maintenance.ts'
import { takeIn } from '#workers/processors/take-in.ts'
import { forgetAlerts } from './database.ts'
import type { FlapjackWorld, Observed, ScenarioAction, ScenarioConfig } from './flapjack-scenario.ts'
import {
  changed,
  currentWindow,
  entityLink,
  flagsOf,
  initialMemory,
  nothing,
  readNotificationSettings,
  readRoutingSettings,
  readTables,
  scenarioAlert,
  scenarioNotification,
  subject,
} from './flapjack-tables.ts'

const environment = 'prod'

/** The real processor on a real database, which begins empty; what reaches contacts is read from its outbox. */
export async function houseWorld(db: Database, config: ScenarioConfig): Promise<FlapjackWorld> {
  const startSecond = Date.parse(config.start) / 1000
  const settings = {
    ...defaultDecisionSettings,
    notification: readNotificationSettings(config),
    routing: readRoutingSettings(config),
  }
  const tables = readTables(config)
  await furnish()

  async function furnish(): Promise<void> {
    await forgetAlerts(db)
    await db.execute(sql`truncate ${contacts}, ${routingVersion} cascade`)
    for (const contact of tables.contacts) await saveContact(db, contact)
    for (const rule of tables.rules) await saveNotificationRule(db, rule)
    for (const link of tables.links) await linkContact(db, link)
    for (const known of config.initial) {
      await changeMemory(db, { environment, ...known }, () => initialMemory(known, startSecond))
    }
  }

  async function process(event: CheckEvent, now: number): Promise<Observed> {
    const taken = await takeIn(db, [arrivedEvent(event, environment)], new Date(now * 1000), settings)
    const [verdict] = taken.verdicts
    return {
      alerts: (await db.delete(contactAlerts).returning()).map(scenarioAlert),
      notification: verdict?.notification ? scenarioNotification(verdict.notification) : null,
      blockedBy: verdict?.blocked?.by,
      isRejected: false,
      flags: flagsOf(await changeMemory(db, { environment, ...event }, (memory) => memory), now),
    }
  }

  async function change(
    place: { readonly entity: string; readonly check: string },
    now: number,
    changeIt: (memory: CheckMemory) => CheckMemory,
  ): Promise<Observed> {
    return { ...nothing, flags: flagsOf(await changeMemory(db, { environment, ...place }, changeIt), now) }
  }

  async function route(written: Promise<unknown>): Promise<Observed> {
    await written
    return nothing
  }

  async function act(action: ScenarioAction): Promise<Observed> {
    const now = startSecond + action.at
    switch (action.kind) {
      case 'event': {
        const reading =
          action.raw === undefined ? readFlapjackEvent(action.event) : readFlapjackText(action.raw)
        return reading.kind === 'event' ? process(reading.event, now) : { ...nothing, isRejected: true }
      }
      case 'ack': {
        const durationSeconds = action.duration ?? null
        return process(
          { ...subject(action), kind: 'acknowledgement', durationSeconds, acknowledgementId: null },
          now,
        )
      }
      case 'test':
        return process({ ...subject(action), kind: 'test' }, now)
      case 'scheduled_maintenance': {
        const startsAt = now + (action.start_in ?? 0)
        const window = { startsAt, endsAt: startsAt + action.duration, summary: null }
        return change(action, now, (memory) => changed(scheduleMaintenance(memory, window, now)))
      }
      case 'end_scheduled_maintenance':
        return change(action, now, (memory) =>
          changed(endScheduledMaintenance(memory, currentWindow(memory, now), now)),
        )
      case 'end_unscheduled_maintenance':
        return change(action, now, endUnscheduledMaintenance)
      case 'disable_check':
      case 'enable_check':
        return change(action, now, (memory) => ({ ...memory, isEnabled: action.kind === 'enable_check' }))
      case 'link_contact':
        return route(linkContact(db, entityLink(action.entity, action.contact)))
      case 'unlink_contact':
        return route(unlinkContact(db, entityLink(action.entity, action.contact)))
      case 'set_timezone': {
        const { contact: id, timezone } = action
        const contact = tables.contacts.find((known) => known.id === id)
        return contact ? route(saveContact(db, { ...contact, timezone })) : nothing
      }
    }
  }

  return { act }
}
