import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { incidentLink } from '#engine/message/subject-of.ts'
import { timelineMarkdown } from '#engine/view/timeline-markdown.ts'
import { environmentParams, requireEnvironment } from './environment.ts'

const number = z.coerce.number().int().min(1).max(2_147_483_647)
const numbered = z.object({ number: number.describe('The #42 of every message, without the #') })

const summary = 'What happened to an alert, as Markdown'

/** `GET /api/v1/incidents/42/timeline.md`: for a page about what is to be learned from it. */
export function serveTimeline(
  app: FastifyInstance,
  { db, clock, publicUrl }: Pick<Desk, 'db' | 'clock'> & { readonly publicUrl?: string | undefined },
): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  typed.get(
    '/api/v1/incidents/:number/timeline.md',
    { schema: { summary, params: numbered } },
    async ({ params }, reply) => sendTimeline(reply, params.number),
  )
  typed.get(
    '/api/v1/environments/:env/incidents/:number/timeline.md',
    { schema: { summary, params: environmentParams.extend(numbered.shape) } },
    async ({ params }, reply) => sendTimeline(reply, params.number, await requireEnvironment(db, params.env)),
  )

  async function sendTimeline(reply: FastifyReply, asked: number, environment?: string) {
    const now = clock()
    const story = await findStoryByNumber(db, asked, now)
    if (!story || (environment !== undefined && story.incident.environment !== environment))
      throw new NotFound(`alert #${asked}`)
    const link = publicUrl === undefined ? undefined : incidentLink(publicUrl, asked)
    return reply
      .type('text/markdown; charset=utf-8')
      .header('content-disposition', `attachment; filename="alert-${asked}.md"`)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
      .send(timelineMarkdown(story, { now, link }))
  }
}
