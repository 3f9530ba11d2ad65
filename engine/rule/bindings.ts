import { z } from 'zod'

/** Which connections a rule names itself, in addition to what routes say. */
export const webhooksSchema = z
  .array(
    z.strictObject({
      outboundConnectionId: z.uuid({ error: 'outboundConnectionId must be the id of a connection, a UUID.' }),
      /** In place of the connection's own body, for this rule's alerts. */
      bodyOverride: z.string().max(16_384, 'The template is longer than 16 KB.').nullable().optional(),
    }),
    { error: 'webhooks must be a list such as [{ "outboundConnectionId": "…" }].' },
  )
  .max(20, 'At most 20 webhooks.')
  .superRefine((webhooks, context) => {
    const seen = new Set<string>()
    for (const [index, { outboundConnectionId: id }] of webhooks.entries()) {
      if (seen.has(id))
        context.addIssue({
          code: 'custom',
          path: [index, 'outboundConnectionId'],
          message: 'This connection is named twice.',
        })
      seen.add(id)
    }
  })

export type RuleWebhook = z.infer<typeof webhooksSchema>[number]

const targetKinds = ['USER', 'GROUP', 'ROLE'] as const

/** Whom a rule is meant for. */
export const targetsSchema = z
  .array(
    z.strictObject({
      kind: z.enum(targetKinds, { error: `kind must be one of ${targetKinds.join(', ')}.` }),
      targetId: z
        .string({ error: 'targetId must be text.' })
        .trim()
        .min(1, 'targetId is empty.')
        .max(200, 'targetId is longer than 200 characters.'),
    }),
    { error: 'targets must be a list such as [{ "kind": "USER", "targetId": "ada" }].' },
  )
  .max(50, 'At most 50 targets.')

export type RuleTarget = z.infer<typeof targetsSchema>[number]
