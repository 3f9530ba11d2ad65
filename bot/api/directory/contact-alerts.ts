import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import { loadContact } from '#db/repositories/contact-directory.ts'
import { listContactAlerts } from '#db/repositories/told-contacts.ts'
import { idParam } from './directory-body.ts'

const toldSchema = z.object({
  id: z.uuid(),
  environment: z.string(),
  at: z.iso.datetime(),
  medium: z.string(),
  check: z.string(),
  what: z.enum(['problem', 'recovery', 'acknowledgement', 'test']),
  summarised: z.number().int().nullable().describe('Of a summary: how many checks it names'),
  rules: z.array(z.string()).describe('The notification rules it is owed to'),
  notificationId: z.uuid().nullable(),
  status: z.enum(['PENDING', 'HELD', 'DELIVERED', 'FAILED', 'DROPPED']).nullable(),
  lastError: z.string().nullable().describe('Why it did not arrive'),
})

/** `/api/v1/contacts/{id}/alerts`: what was decided for a contact, and what became of it. */
export function serveContactAlerts(app: FastifyInstance, { db }: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/contacts/:id/alerts',
    {
      schema: {
        summary: 'What a contact was told lately, by which medium, and why something did not arrive',
        params: z.object({ id: idParam }),
        response: { 200: z.object({ alerts: z.array(toldSchema) }), 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id } }) => {
      await loadContact(db, id)
      const told = await listContactAlerts(db, id)
      return {
        alerts: told.map((one) => ({
          id: one.id,
          environment: one.environment,
          at: one.createdAt.toISOString(),
          medium: one.medium,
          check: one.notification.checkKey,
          what: one.notification.type,
          summarised: one.summary?.checks.length ?? null,
          rules: [...one.ruleIds],
          notificationId: one.notificationId,
          status: one.state,
          lastError: one.lastError,
        })),
      }
    },
  )
}
