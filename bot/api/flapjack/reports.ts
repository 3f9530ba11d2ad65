import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { type CheckRecord, listChecks } from '#db/repositories/check-directory.ts'
import { lastAcknowledgements, loadPasts } from '#db/repositories/check-pasts.ts'
import { keyOfId } from '#db/repositories/check-targets.ts'
import { requireEntitiesById } from '#db/repositories/entity-directory.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import {
  type CheckPast,
  downtime,
  outages,
  type Period,
  presentWindow,
  statusReport,
} from '#engine/view/flapjack-reports.ts'
import { answer, idsAsked, Refused } from './answer.ts'
import { readQueryInstant } from './maintenances.ts'

interface Reported {
  readonly Params: { readonly kind: string; readonly '*'?: string }
  readonly Querystring: { readonly start_time?: string; readonly end_time?: string }
}

const environment = firstEnvironment.slug
const nothing: CheckPast = { stateChanges: [], scheduled: [], unscheduled: [] }

const pastReports: Readonly<Record<string, (past: CheckPast, period: Period) => object>> = {
  outage: (past, period) => ({ outages: outages(past, period) }),
  scheduled_maintenance: ({ scheduled }) => ({ scheduled_maintenances: scheduled.map(presentWindow) }),
  unscheduled_maintenance: ({ unscheduled }) => ({
    unscheduled_maintenances: unscheduled.map(presentWindow),
  }),
  downtime,
}

/** `GET /{status|outage|…}_report/{entities|checks}[/ids]`. */
export function serveReports(scope: FastifyInstance, { db, clock, settings }: Desk): void {
  for (const path of ['/status_report/:kind', '/status_report/:kind/*']) {
    scope.get<Reported>(path, async ({ params }, reply) => {
      const subject = await findReported(db, params)
      const ids = subject.checks.map(({ id }) => id)
      const acknowledged = await lastAcknowledgements(db, ids)
      const now = epochSeconds(clock())
      const reportOf = ({ id, name, memory }: CheckRecord) =>
        statusReport({
          name,
          memory,
          now,
          settings: settings.notification,
          lastAcknowledgedAt: acknowledged.get(id) ?? null,
        })
      return answer(reply, presentReport('status', subject, reportOf))
    })
  }
  for (const [name, report] of Object.entries(pastReports)) {
    for (const path of [`/${name}_report/:kind`, `/${name}_report/:kind/*`]) {
      scope.get<Reported>(path, async ({ params, query }, reply) => {
        const period = {
          from: readQueryInstant(query.start_time) ?? null,
          to: readQueryInstant(query.end_time) ?? null,
        }
        if (period.from !== null && period.to !== null && period.to <= period.from)
          throw new Refused(400, ['end_time must be later than start_time.'])
        const subject = await findReported(db, params)
        const pasts = await loadPasts(
          db,
          subject.checks.map(({ id }) => id),
          period,
        )
        return answer(
          reply,
          presentReport(name, subject, ({ id }) => report(pasts.get(id) ?? nothing, period)),
        )
      })
    }
  }
}

interface ReportSubject {
  readonly entities: readonly { readonly id: string; readonly name: string }[]
  readonly checks: readonly CheckRecord[]
}

/** Of entities those checks that are watched; of checks all that were named, and each must be known. */
async function findReported(db: Desk['db'], { kind, '*': text }: Reported['Params']): Promise<ReportSubject> {
  const ids = idsAsked(text)
  if (kind === 'entities') {
    const entities = ids ? await requireEntitiesById(db, ids) : undefined
    const checks = await listChecks(db, { environment, enabled: true, ...(ids && { entityIds: ids }) })
    return { entities: entities ?? entitiesOf(checks), checks }
  }
  if (kind !== 'checks') throw new Refused(404, ['not routable'])
  const checks = await listChecks(
    db,
    ids ? { environment, keys: ids.map(keyOfId) } : { environment, enabled: true },
  )
  const known = new Set(checks.map(({ key }) => key))
  const missing = ids?.filter((id) => !known.has(keyOfId(id))) ?? []
  if (missing.length > 0) throw new NotFound(`check ${quoteNames(missing)}`)
  return { entities: entitiesOf(checks), checks }
}

function entitiesOf(checks: readonly CheckRecord[]): ReportSubject['entities'] {
  return [...new Map(checks.map(({ entityId, entityName }) => [entityId, entityName]))].map(([id, name]) => ({
    id,
    name,
  }))
}

function presentReport(name: string, subject: ReportSubject, reportOf: (check: CheckRecord) => object) {
  const checksOf = Map.groupBy(subject.checks, ({ entityId }) => entityId)
  return {
    [`${name}_reports`]: subject.checks.map((check) => ({
      ...reportOf(check),
      links: { entity: [check.entityId], check: [check.key] },
    })),
    linked: {
      entities: subject.entities.map(({ id, name }) => ({
        id,
        name,
        links: { checks: (checksOf.get(id) ?? []).map(({ key }) => key) },
      })),
      checks: subject.checks.map(({ key, name }) => ({ id: key, name })),
    },
  }
}
