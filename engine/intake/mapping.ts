import { z } from 'zod'
import { isLabelName } from '#engine/labels.ts'
import { templateProblem } from '#engine/message/template.ts'

const states = ['ok', 'info', 'warning', 'critical', 'unknown'] as const

const pointerSchema = z
  .string({ error: 'A JSON pointer is text such as /alert/host.' })
  .regex(
    /^(\/([^~]|~[01])*)?$/,
    'A JSON pointer starts with / and writes ~ as ~0 and / as ~1, such as /alert/host.',
  )
  .max(500, 'A JSON pointer has at most 500 characters.')

/** `/alert/host` points at a value of the payload; anything else is a Mustache template over it. */
const fieldSchema = z
  .string({
    error: 'A field is text: a JSON pointer such as /alert/host, or a template such as {{host}}-{{disk}}.',
  })
  .min(1, 'The field is empty: give a JSON pointer, a template, or leave the field out.')
  .max(4000, 'The field has more than 4000 characters.')
  .superRefine((field, context) => {
    const problem = field.startsWith('/')
      ? pointerSchema.safeParse(field).error?.issues[0]?.message
      : templateProblem(field)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

const stateSchema = z.enum(states, { error: `A state is one of ${states.join(', ')}.` })

const delaySchema = z
  .int({ error: 'A delay is a whole number of seconds.' })
  .min(0, 'A delay is not negative.')
  .max(31 * 86_400, 'A delay is at most 31 days (2678400 s).')

/**
 * How somebody's own webhook is read, written by them:
 *
 *     {
 *       "events": "/alerts",
 *       "entity": "/host",
 *       "check": "{{service}} {{volume}}",
 *       "state": { "from": "/level", "words": { "BAD": "critical", "FINE": "ok" }, "otherwise": "warning" },
 *       "title": "{{service}} on {{host}}",
 *       "labels": { "team": "/owner/team" },
 *       "at": "/time"
 *     }
 */
export const mappingSchema = z.strictObject({
  /** Where the array of events is; without it the payload is one event, or the array itself. */
  events: pointerSchema.optional(),
  entity: fieldSchema,
  check: fieldSchema,
  state: z.strictObject({
    from: fieldSchema,
    words: z.record(z.string(), stateSchema).optional(),
    otherwise: stateSchema.optional(),
  }),
  title: fieldSchema.optional(),
  summary: fieldSchema.optional(),
  labels: z
    .record(z.string(), fieldSchema)
    .refine((labels) => Object.keys(labels).every((name) => isLabelName(name, 'classic')), {
      error: 'A label name has letters, digits and _ only, and does not begin with a digit.',
    })
    .optional(),
  /** RFC 3339, or seconds or milliseconds since 1970; without it the time of arrival. */
  at: fieldSchema.optional(),
  initialFailureDelaySeconds: delaySchema.default(0),
  repeatFailureDelaySeconds: delaySchema.default(0),
})

export type Mapping = z.infer<typeof mappingSchema>
