import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { explainAlert, explainSupposed } from '#bot/explain.ts'
import { plainLine } from '#engine/message/plain.ts'
import { failingStates } from '#engine/notify/severity.ts'
import { isStorable, unstorablePaths } from '#engine/storable-text.ts'
import type { Hearing } from '#engine/view/hearing.ts'
import { Invalid, problemSchema } from './problem.ts'

const hearingSchema = z.object({
  about: z.string(),
  severity: z.string(),
  seen: z.boolean().describe('false: nothing of the kind was seen yet'),
  quiet: z.array(z.string()).describe('What keeps it quiet now'),
  routes: z
    .array(
      z.object({
        matchers: z.array(z.string()).describe('Empty: the first route, which takes what no other does'),
        receiver: z.string(),
        chats: z.union([z.literal('all'), z.array(z.string())]),
        connections: z.array(z.string()),
        webhooks: z.int(),
        quietBy: z.array(z.string()),
      }),
    )
    .nullable()
    .describe('null: nobody wrote a routing, so every chat hears'),
  rule: z.array(z.string()).describe('Connections that its rule itself names'),
  chats: z.object({ told: z.array(z.string()), untold: z.array(z.string()) }),
  contacts: z.array(
    z.object({
      contact: z.string(),
      outcome: z.string().describe('routed, not-linked, no-rule-matches, blackhole or no-media'),
      media: z.array(z.string()),
      named: z.array(z.string()).describe('The targets of its rule that name this contact'),
      rules: z.array(z.object({ id: z.string(), verdict: z.string() })),
    }),
  ),
})

const text = (what: string) =>
  z
    .string({ error: `${what} is text.` })
    .min(1, `${what} is empty.`)
    .max(500, `${what} is too long.`)
    .refine(isStorable, `${what} holds a NUL or half a character: remove it.`)

const supposedSchema = z.strictObject({
  entity: text('entity'),
  check: text('check').default('test'),
  severity: z.enum(failingStates, { error: `severity is one of ${failingStates.join(', ')}.` }).optional(),
  labels: z
    .record(z.string(), z.string({ error: 'A label is text.' }))
    .refine((labels) => unstorablePaths(labels).length === 0, 'A label holds a NUL or half a character.')
    .default({}),
})

/** Who hears of an alert, or would hear of something that has not happened, and why. */
export function serveExplain(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    '/api/v1/alerts/:number/explain',
    {
      schema: {
        summary: 'Explain who hears of an alert and why, and who does not and why not',
        params: z.object({ number: z.coerce.number().int().min(1).max(2_147_483_647) }),
        response: { 200: hearingSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params }) => present(await explainAlert(desk, params.number)),
  )
  api.post(
    '/api/v1/routing/explain',
    {
      schema: {
        summary: 'The same of an alert that has not happened',
        // Read below, where a refusal names the field.
        body: z.unknown(),
        response: { 200: hearingSchema, 400: problemSchema },
      },
    },
    async ({ body }) => {
      const read = supposedSchema.safeParse(body)
      if (!read.success)
        throw new Invalid(
          'Say what may happen: {"entity": "db-1", "check": "disk", "severity": "critical", "labels": {}}.',
          read.error.issues.map(({ path, message }) => ({
            field: path.join('.') || 'body',
            problem: message,
          })),
        )
      const { severity, ...rest } = read.data
      return present(await explainSupposed(desk, { ...rest, ...(severity && { severity }) }))
    },
  )
}

function present(hearing: Hearing): z.infer<typeof hearingSchema> {
  const { about, severity, isUnseen, quiet, routes, ofRule, chats, contacts } = hearing
  return {
    about,
    severity,
    seen: !isUnseen,
    quiet: quiet.map(plainLine),
    routes:
      routes?.map(({ matchers, receiver, chats: named, connections, webhooks, quietBy }) => ({
        matchers: [...matchers],
        receiver,
        chats: named === 'all' ? named : [...named],
        connections: [...connections],
        webhooks,
        quietBy: [...quietBy],
      })) ?? null,
    rule: [...ofRule],
    chats: { told: [...chats.told], untold: [...chats.untold] },
    contacts: contacts.map(({ contactId, named, outcome, rules }) => ({
      contact: contactId,
      outcome: outcome.kind === 'unheard' ? outcome.because : outcome.kind,
      media: outcome.kind === 'routed' ? outcome.media.map(({ name }) => name) : [],
      named: named.map(({ kind, targetId }) => `${kind} ${targetId}`),
      rules: rules.map(({ ruleId, verdict }) => ({ id: ruleId, verdict })),
    })),
  }
}
