import { z } from 'zod'
import { isStorable } from '#engine/storable-text.ts'
import { timeIntervalSchema } from './read-time-interval.ts'
import type { Receiver } from './routing-tree.ts'
import { readSpan } from './span.ts'

const span = z.string().transform((text, context) => {
  const milliseconds = readSpan(text)
  if (milliseconds !== undefined) return milliseconds
  context.addIssue('Write a length of time such as 30s, 5m or 1h30m.')
  return z.NEVER
})

const word = z.string().refine(isStorable, 'It holds a NUL or half a character: remove it.')
const mostNames = 100
const names = z.array(word.min(1, 'It has a name.')).max(mostNames, `At most ${mostNames} names.`)

/** One route as it is written, its spans in milliseconds. */
export interface RouteBody {
  readonly receiver?: string | undefined
  readonly group_by?: readonly string[] | undefined
  readonly group_wait?: number | undefined
  readonly group_interval?: number | undefined
  readonly repeat_interval?: number | undefined
  readonly incident_by?: 'each' | readonly string[] | undefined
  readonly incident_window?: number | undefined
  readonly incident_cap?: number | undefined
  readonly escalate?: readonly { readonly after: number; readonly receiver: string }[] | undefined
  readonly ack_timeout?: 'never' | number | undefined
  readonly unack_after?: number | undefined
  readonly continue?: boolean | undefined
  readonly matchers?: readonly string[] | undefined
  readonly mute_time_intervals?: readonly string[] | undefined
  readonly active_time_intervals?: readonly string[] | undefined
  readonly routes?: readonly RouteBody[] | undefined
}

const routeSchema: z.ZodType<RouteBody> = z.strictObject({
  receiver: word.optional(),
  group_by: names.optional(),
  group_wait: span.optional(),
  group_interval: span.optional(),
  repeat_interval: span.optional(),
  incident_by: z
    .union([z.literal('each'), names], {
      error:
        'The labels that alerts of one incident share; [] = all of this route; "each" = none are together.',
    })
    .optional(),
  incident_window: span.optional(),
  incident_cap: span.optional(),
  escalate: z
    .array(z.strictObject({ after: span, receiver: word.min(1, 'A receiver has a name.') }))
    .max(20, 'At most 20 steps.')
    .optional(),
  ack_timeout: z.union([z.literal('never'), span]).optional(),
  unack_after: span.optional(),
  continue: z.boolean().optional(),
  matchers: z.array(word).max(mostNames, `At most ${mostNames} matchers.`).optional(),
  mute_time_intervals: names.optional(),
  active_time_intervals: names.optional(),
  get routes() {
    return z.array(routeSchema).max(1000, 'At most 1000 routes on one level.').optional()
  },
})

/** What is shown in place of a URL's path. */
export const masked = '/<secret>'

/** A flush waits for its webhooks, so none may take long. */
const longestTimeoutMs = 30_000

const webhookSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'Write a URL such as https://example.org/alerts.' })
      .refine(isStorable, 'It holds a NUL or half a character: remove it.')
      .refine(
        (url) => !url.endsWith(masked),
        'This is how it is shown, without what is secret: write all of it.',
      ),
    send_resolved: z.boolean().default(true),
    max_alerts: z.int('Write a whole number.').min(0, 'Not below 0; 0 sends all.').default(0),
    timeout: span
      .refine((ms) => ms > 0 && ms <= longestTimeoutMs, 'Longer than 0 and at most 30s.')
      .optional(),
  })
  .transform(({ url, send_resolved: sendResolved, max_alerts: maxAlerts, timeout: timeoutMs }) => ({
    url,
    sendResolved,
    maxAlerts,
    timeoutMs,
  }))

const receiverSchema = z
  .strictObject({
    name: word.min(1, 'A receiver has a name.').max(200, 'At most 200 characters.'),
    webhook_configs: z.array(webhookSchema).max(50, 'At most 50 webhooks.').default([]),
    chats: z.union([z.literal('all'), z.array(word).max(1000)]).default([]),
    connections: z.array(word.min(1, 'It has a name.')).max(100, 'At most 100 connections.').default([]),
  })
  .transform(({ webhook_configs: webhooks, ...rest }): Receiver => ({ ...rest, webhooks }))

/** Alertmanager's default. */
const resolveTimeoutMs = 300_000

export const routingSchema = z.strictObject({
  global: z
    .strictObject({
      resolve_timeout: span.refine((ms) => ms > 0, 'It has to be longer than 0.').default(resolveTimeoutMs),
    })
    .default({ resolve_timeout: resolveTimeoutMs }),
  route: routeSchema,
  receivers: z
    .array(receiverSchema)
    .min(1, 'Name at least one receiver.')
    .max(1000, 'At most 1000 receivers.'),
  time_intervals: z.array(timeIntervalSchema).max(1000, 'At most 1000 time intervals.').default([]),
})
