import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import {
  listNotificationsOf,
  retryNotification,
  type ToldNotification,
} from '#db/repositories/told-notifications.ts'
import { environmentParams, requireEnvironment } from './environment.ts'
import { problemSchema } from './problem.ts'

const instant = z.iso.datetime().nullable()

const attemptSchema = z.object({
  at: z.iso.datetime(),
  outcome: z
    .enum(['delivered', 'failed', 'unknown'])
    .describe(
      'unknown: whoever told it was stopped before the answer was written down, so it may have been heard',
    ),
  status: z.number().int().nullable().describe('Of HTTP, where there was an answer'),
  durationMs: z.number().int(),
  snippet: z.string().nullable().describe('How the answer began, or what went wrong'),
})

const notificationSchema = z.object({
  id: z.uuid(),
  destination: z.object({ surface: z.string(), name: z.string() }),
  reason: z.string(),
  status: z
    .enum(['PENDING', 'HELD', 'DELIVERED', 'FAILED', 'DROPPED'])
    .describe('HELD: kept quiet for now. DROPPED: not worth saying any more'),
  attempts: z.number().int(),
  nextAttemptAt: instant,
  lastResponseStatus: z.number().int().nullable(),
  lastResponseSnippet: z.string().nullable(),
  lastError: z.string().nullable(),
  createdAt: z.iso.datetime(),
  settledAt: instant,
  log: z.array(attemptSchema).describe('The last attempts, oldest first'),
})

/** Seed 004: what became of everything that was to be said about an alert. */
export function serveNotifications(app: FastifyInstance, { db, clock, announce }: Desk): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  typed.get(
    '/api/v1/environments/:env/alerts/:id/notifications',
    {
      schema: {
        summary: 'Who was told of an alert, and how that went',
        params: environmentParams.extend({ id: z.uuid() }),
        response: {
          200: z.object({ notifications: z.array(notificationSchema) }),
          400: problemSchema,
          404: problemSchema,
        },
      },
    },
    async ({ params }) => {
      const environment = await requireEnvironment(db, params.env)
      const told = await listNotificationsOf(db, environment, params.id)
      return { notifications: told.map(present) }
    },
  )
  typed.post(
    '/api/v1/alerts/notifications/:id/retry',
    {
      schema: {
        summary: 'Try a failed notification again, now',
        params: z.object({ id: z.uuid() }),
        response: {
          202: z.object({ id: z.uuid() }),
          400: problemSchema,
          404: problemSchema,
          409: problemSchema,
        },
      },
    },
    async ({ params: { id } }, reply) => {
      await retryNotification(db, id, clock())
      await announce([id])
      return reply.code(202).send({ id })
    },
  )
}

function present(told: ToldNotification): z.infer<typeof notificationSchema> {
  const { id, destination, reason, state, attempts, lastError, attemptLog } = told
  const last = attemptLog?.at(-1)
  const isWaiting = state === 'PENDING' || state === 'HELD'
  return {
    id,
    destination: { surface: destination.surface, name: destination.name },
    reason,
    status: state,
    attempts,
    nextAttemptAt: isWaiting ? told.notBefore.toISOString() : null,
    lastResponseStatus: last?.status ?? null,
    lastResponseSnippet: last?.snippet ?? null,
    lastError,
    createdAt: told.createdAt.toISOString(),
    settledAt: told.settledAt?.toISOString() ?? null,
    log: [...(attemptLog ?? [])],
  }
}
