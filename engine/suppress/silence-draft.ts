import { z } from 'zod'
import { parseDuration } from '#engine/duration.ts'
import { type Matcher, matchesEmpty } from '#engine/matcher.ts'
import { matchersSchema } from '#engine/matcher-input.ts'
import type { Actor } from '#engine/person.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { isStorable } from '#engine/storable-text.ts'
import { recurrenceProblem } from './recurrence.ts'
import type { SilenceWish } from './silence-schedule.ts'
import { simpleMatcherSchema, simpleMatchers } from './simple-matcher.ts'

/** The end of what repeats until somebody ends it. */
export const noEnd = new Date('9999-12-31T00:00:00Z')

const instant = (field: string) =>
  z.iso
    .datetime({ offset: true, error: `${field} is an instant such as 2026-04-20T02:00:00Z.` })
    .transform((text) => new Date(text))
    .optional()

const text = (field: string, longest: number) =>
  z
    .string({ error: `${field} must be text.` })
    .max(longest, `${field} is longer than ${longest} characters.`)
    .refine(isStorable, `${field} holds a NUL or half a character: remove it.`)

const duration = z
  .string({ error: 'duration is text such as 2h.' })
  .transform((value, issues) => {
    const seconds = value.length <= 100 ? parseDuration(value) : undefined
    if (seconds !== undefined && seconds >= 60) return seconds
    issues.addIssue({
      code: 'custom',
      message: 'duration is a length of time from 1m on, such as 90m, 2h or 3d.',
    })
    return z.NEVER
  })
  .optional()

const draftSchema = z.strictObject({
  matcher: simpleMatcherSchema.optional(),
  matchers: matchersSchema.optional(),
  startsAt: instant('startsAt'),
  endsAt: instant('endsAt'),
  duration,
  reason: text('reason', 1000).default(''),
  createdBy: text('createdBy', 200).optional(),
  recurrence: z
    .strictObject({
      cron: text('cron', 200),
      zone: text('zone', 100),
      duration: duration.refine(
        (seconds) => seconds !== undefined,
        'duration says how long each time lasts.',
      ),
    })
    .optional(),
})

type Draft = z.infer<typeof draftSchema>

export type ReadSilenceDraft = { readonly wish: SilenceWish } | { readonly problems: readonly FieldProblem[] }

/**
 * A silence as our own API takes it; what is left out: it starts now, and it is made by `api`.
 *
 *     { "matcher": { "ruleId": "…", "severity": "WARNING", "appSlug": "orders" },
 *       "matchers": ["team=\"payments\"", { "name": "rack", "operator": "=~", "value": "eu-.*" }],
 *       "startsAt": "2026-04-20T02:00:00Z", "endsAt": "2026-04-20T06:00:00Z", "reason": "Planned maintenance window",
 *       "recurrence": { "cron": "0 2 * * 6", "zone": "Europe/Berlin", "duration": "2h" } }
 *
 * `duration` may stand for `endsAt`; one that repeats needs neither.
 */
export function readSilenceDraft(body: unknown, now: Date): ReadSilenceDraft {
  const parsed = draftSchema.safeParse(body ?? {})
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => ({
        field: path.join('.') || 'body',
        problem: message,
      })),
    }
  }
  const wish = toWish(parsed.data, now)
  const problem = wishProblem(wish, parsed.data, now)
  return problem ? { problems: [problem] } : { wish }
}

function toWish(draft: Draft, now: Date): SilenceWish {
  const startsAt = draft.startsAt ?? now
  const { recurrence: repeats } = draft
  const createdBy: Actor = { kind: 'source', name: draft.createdBy?.trim() || 'api' }
  return {
    matchers: [...(draft.matcher ? simpleMatchers(draft.matcher) : []), ...(draft.matchers ?? [])],
    startsAt,
    endsAt: endOf(draft, startsAt),
    reason: draft.reason,
    createdBy,
    ...(repeats && {
      recurrence: { cron: repeats.cron, zone: repeats.zone, durationSeconds: repeats.duration ?? 0 },
    }),
  }
}

function endOf({ endsAt, duration: seconds, recurrence }: Draft, startsAt: Date): Date {
  if (endsAt) return endsAt
  if (seconds !== undefined) return new Date(startsAt.getTime() + seconds * 1000)
  return recurrence ? noEnd : startsAt
}

function wishProblem(wish: SilenceWish, draft: Draft, now: Date): FieldProblem | undefined {
  const matchers = matchersProblem(wish.matchers)
  if (matchers !== undefined) return { field: 'matchers', problem: matchers }
  const repeats = wish.recurrence && recurrenceProblem(wish.recurrence)
  if (repeats !== undefined) return { field: 'recurrence', problem: repeats }
  if (draft.endsAt && draft.duration !== undefined)
    return { field: 'duration', problem: 'Give endsAt or duration, not both.' }
  if (!draft.endsAt && draft.duration === undefined && !wish.recurrence)
    return { field: 'endsAt', problem: 'Say when it ends: endsAt, or a duration such as 2h.' }
  if (wish.endsAt <= wish.startsAt) return { field: 'endsAt', problem: 'It must end after it starts.' }
  return wish.endsAt <= now ? { field: 'endsAt', problem: 'It would be over already.' } : undefined
}

/** Why these would silence everything, or undefined. */
export function matchersProblem(matchers: readonly Matcher[]): string | undefined {
  const saysSomething = ({ operator }: Matcher) => operator === '!=' || operator === '!~'
  if (matchers.some((matcher) => saysSomething(matcher) || !matchesEmpty(matcher))) return undefined
  return 'A silence needs at least one matcher that does not match everything, such as team="payments".'
}

const extensionSchema = z.strictObject({ endsAt: instant('endsAt'), duration })

export type ReadExtension =
  | { readonly until: (endsAt: Date) => Date }
  | { readonly problems: readonly FieldProblem[] }

/** `{ "duration": "2h" }`, counted from its end, or `{ "endsAt": "…" }`. */
export function readExtension(body: unknown): ReadExtension {
  const parsed = extensionSchema.safeParse(body ?? {})
  if (!parsed.success)
    return {
      problems: parsed.error.issues.map(({ path, message }) => ({
        field: path.join('.') || 'body',
        problem: message,
      })),
    }
  const { endsAt, duration: seconds } = parsed.data
  if (endsAt && seconds === undefined) return { until: () => endsAt }
  if (seconds !== undefined && !endsAt) return { until: (end) => new Date(end.getTime() + seconds * 1000) }
  return { problems: [{ field: 'duration', problem: 'Give a duration such as 2h, or endsAt.' }] }
}
