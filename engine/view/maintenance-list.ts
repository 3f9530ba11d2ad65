import { type Item, type Message, message } from '#engine/message/message.ts'
import { actorName } from '#engine/person.ts'
import {
  maintenanceName,
  maintenanceState,
  type PlannedMaintenance,
} from '#engine/suppress/maintenance-plan.ts'
import { shortId } from './short-id.ts'

/** As many as one looks through. */
export const maintenancesPerPage = 20

/** `maintenances`: running and to come, what begins first first. */
export function maintenanceList(maintenances: readonly PlannedMaintenance[], now: Date): Message {
  if (maintenances.length === 0)
    return message({ headline: 'Nothing is in maintenance, and nothing is planned.' })
  const shown = maintenances.slice(0, maintenancesPerPage)
  const running = shown.filter((one) => maintenanceState(one, now) === 'active').length
  return message({
    headline: `${shown.length} ${shown.length === 1 ? 'maintenance' : 'maintenances'}, ${running} running now`,
    items: shown.map((one) => item(one, now)),
    notes: maintenances.length > shown.length ? [['More are planned than are shown here.']] : [],
  })
}

function item(maintenance: PlannedMaintenance, now: Date): Item {
  const { startsAt, endsAt, createdBy, summary } = maintenance
  const id = shortId(maintenance.id)
  const from = { time: startsAt.toISOString(), style: 'date' } as const
  const until = { time: endsAt.toISOString(), style: 'date' } as const
  const isRunning = maintenanceState(maintenance, now) === 'active'
  return {
    tone: isRunning ? 'acknowledged' : 'neutral',
    line: [{ code: id }, ' ', { strong: maintenanceName(maintenance) }],
    detail: [
      ...(isRunning ? ['until ', until] : ['from ', from, ' until ', until]),
      ` · by ${createdBy ? actorName(createdBy) : 'an event'}`,
      ...(summary ? [` · ${summary}`] : []),
    ],
    action: { kind: 'button', label: 'End now', command: `maintenance end ${id}`, style: 'danger' },
  }
}
