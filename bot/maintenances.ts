import { firstEnvironment } from '#db/repositories/environments.ts'
import { listEntityNames } from '#db/repositories/entities.ts'
import { endMaintenance, scheduleMaintenances } from '#db/repositories/maintenances.ts'
import { findPlannedByPrefix, listPlannedMaintenances } from '#db/repositories/planned-maintenances.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Clauses } from '#engine/command/clauses.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { message } from '#engine/message/message.ts'
import { asActor, type Person } from '#engine/person.ts'
import { isTargeted, type MaintenanceTarget, readTarget } from '#engine/suppress/maintenance-target.ts'
import { readTimes } from '#engine/suppress/silence-words.ts'
import { maintenanceList, maintenancesPerPage } from '#engine/view/maintenance-list.ts'
import { shortId } from '#engine/view/short-id.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export async function listMaintenancesOf({ db, clock }: Desk): Promise<Answer> {
  const now = clock()
  const found = await listPlannedMaintenances(db, environment, now, maintenancesPerPage + 1)
  return { kind: 'message', message: maintenanceList(found, now) }
}

export async function planMaintenance(desk: Desk, clauses: Clauses, person: Person): Promise<Answer> {
  const now = desk.clock()
  const read = readTarget(clauses.what.replaceAll(/^"|"$/g, ''))
  if ('problem' in read) return { kind: 'refused', because: read.problem }
  const times = readTimes(clauses, { now, zone: desk.zone })
  if ('problem' in times) return { kind: 'refused', because: times.problem }
  const targets = await targetsOf(desk, read.target)
  if (!targets) return { kind: 'refused', because: `No entity is known that ${clauses.what} finds.` }
  const { startsAt, endsAt } = times
  const window = {
    startsAt: epochSeconds(startsAt),
    endsAt: epochSeconds(endsAt),
    summary: clauses.because?.slice(0, 500) ?? null,
  }
  const order = { targets, windows: [window], by: asActor(person) }
  const outcome = await scheduleMaintenances(desk.db, order, now)
  if (outcome.kind === 'refused') return outcome
  await desk.announce(outcome.notificationIds)
  const until = { time: endsAt.toISOString(), style: 'date' } as const
  const from = { time: startsAt.toISOString(), style: 'date' } as const
  const checks = outcome.checks.length === 1 ? 'One check' : `${outcome.checks.length} checks`
  return {
    kind: 'message',
    message: message({
      headline: `${checks} in maintenance: ${clauses.what}`,
      lines: [startsAt > now ? ['From ', from, ' until ', until, '.'] : ['Until ', until, '.']],
      notes: [['Maintenance ', { code: shortId(outcome.ids[0] ?? '') }, '.']],
    }),
  }
}

async function targetsOf({ db }: Desk, target: MaintenanceTarget) {
  switch (target.kind) {
    case 'check':
      return { environment, entities: [], checks: [`${target.entity}:${target.check}`] }
    case 'entity':
      return { environment, entities: [target.entity], checks: [] }
    case 'pattern': {
      const entities = (await listEntityNames(db, environment)).filter((entity) =>
        isTargeted(target, { entity, name: '' }),
      )
      return entities.length > 0 ? { environment, entities, checks: [] } : undefined
    }
  }
}

export async function endMaintenanceBy(desk: Desk, prefix: string): Promise<Answer> {
  const now = desk.clock()
  const [found, another] = await findPlannedByPrefix(desk.db, environment, { prefix, now })
  if (!found)
    return {
      kind: 'refused',
      because: `No maintenance that is not over has an id that begins with ${prefix.slice(0, 40)}. See maintenances.`,
    }
  if (another) return { kind: 'refused', because: `More than one id begins with ${prefix}: give more of it.` }
  const outcome = await endMaintenance(desk.db, found.id, now)
  if (outcome.kind === 'refused') return outcome
  return {
    kind: 'message',
    message: message({
      headline: 'The maintenance is over',
      lines: [['What still fires is told in a moment.']],
    }),
  }
}
