import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { type KeptAuditEntry, listAudit } from '#db/repositories/audit.ts'
import { actorName } from '#engine/person.ts'
import { sendCsv } from './send-csv.ts'
import { problemSchema } from './problem.ts'

const path = '/api/v1/audit'

const entrySchema = z.object({
  id: z.number().int(),
  at: z.iso.datetime(),
  lastAt: z.iso.datetime().describe('Of a refusal: when the same was last tried within the hour'),
  door: z.string().describe('api, or the chat'),
  who: z.string(),
  what: z.string(),
  outcome: z
    .enum(['begun', 'done', 'refused'])
    .describe('begun: nobody knows whether it was done, because whoever did it was stopped, or failed'),
  because: z.string().nullable(),
  times: z.number().int(),
})

const chosen = z.object({
  outcome: z.enum(['begun', 'done', 'refused'], { error: 'outcome is begun, done or refused.' }).optional(),
})

const page = chosen.extend({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.coerce.number().int().min(1).optional().describe('nextBefore of the page before'),
})

/** `/api/v1/audit`: who changed what and who was not let, newest first. */
export function serveAudit(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    {
      schema: {
        summary: 'List who changed what and who was not let, newest first',
        querystring: page,
        response: {
          200: z.object({ entries: z.array(entrySchema), nextBefore: z.number().int().nullable() }),
          400: problemSchema,
        },
      },
    },
    async ({ query }) => {
      const entries = await listAudit(db, query)
      const last = entries.length === query.limit ? entries.at(-1) : undefined
      return { entries: entries.map(present), nextBefore: last?.id ?? null }
    },
  )
  api.get(
    `${path}.csv`,
    { schema: { summary: 'The same as a table, all of it', querystring: chosen } },
    async ({ query }, reply) =>
      sendCsv(reply, 'audit.csv', {
        columns: [...columns],
        pages: everyPage(query.outcome),
      }),
  )

  async function* everyPage(outcome: KeptAuditEntry['outcome'] | undefined) {
    for (let before: number | undefined, more = true; more;) {
      const entries = await listAudit(db, { outcome, before, limit: pageSize })
      yield entries.map(present).map((entry) => columns.map((column) => entry[column]))
      before = entries.at(-1)?.id
      more = entries.length === pageSize
    }
  }
}

const pageSize = 1000
const columns = ['at', 'lastAt', 'door', 'who', 'what', 'outcome', 'because', 'times'] as const

function present(entry: KeptAuditEntry): z.infer<typeof entrySchema> {
  const { id, at, lastAt, door, actor, what, outcome, because, times } = entry
  return {
    id,
    at: at.toISOString(),
    lastAt: lastAt.toISOString(),
    door,
    who: actorName(actor),
    what,
    outcome,
    because,
    times,
  }
}
