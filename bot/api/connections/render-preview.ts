import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Invalid, problemSchema } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { loadConnection } from '#db/repositories/connections.ts'
import { contentTypeOf, webhookSettings } from '#engine/connection/webhook.ts'
import { bodyTemplateProblem, renderBody, templatesIn } from '#engine/message/body-template.ts'
import { bodyNames, variableWarnings } from '#engine/message/template-names.ts'
import { exampleView } from '#engine/message/template-view.ts'

const params = z.object({ id: z.uuid({ error: 'The id of a connection is a UUID.' }) })
const previewShown = z.object({ contentType: z.string(), body: z.string(), warnings: z.array(z.string()) })

/** What a webhook's template makes of an example alert; nothing is sent and nothing is saved. */
export function serveRenderPreview(app: FastifyInstance, desk: Desk, base: string): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    `${base}/render-preview`,
    {
      schema: {
        summary:
          'Render the body of a webhook over an example alert; a bodyTemplate in the request comes first',
        params,
        body: z.object({ bodyTemplate: z.string().optional() }).nullish(),
        response: { 200: previewShown, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id }, body }) => {
      const { kind, settings } = await loadConnection(desk.db, id)
      if (kind !== 'webhook') throw new NotFound('template of this connection: only webhooks have one')
      const known = webhookSettings.parse(settings)
      const contentType = contentTypeOf(known)
      const template = body?.bodyTemplate ?? known.bodyTemplate
      if (template === null)
        throw new Invalid('There is nothing to render.', [
          { field: 'bodyTemplate', problem: 'Give a template.' },
        ])
      const problem = bodyTemplateProblem(template, contentType)
      if (problem !== undefined)
        throw new Invalid('This template cannot work.', [{ field: 'bodyTemplate', problem }])
      return {
        contentType,
        body: renderBody(template, contentType, exampleView()),
        warnings: templatesIn(template, contentType).flatMap((text) =>
          variableWarnings(text, 'bodyTemplate', bodyNames),
        ),
      }
    },
  )
}
