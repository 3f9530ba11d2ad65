import { z } from 'zod'
import { plainTextProblem } from '#engine/intake/problems.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'

/** What somebody wants kept, read; or everything that is wrong with it, each with its place and the remedy. */
export type Reading<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'refused'; readonly problems: readonly FieldProblem[] }

export function readWith<Value>(schema: z.ZodType<Value>, value: unknown): Reading<Value> {
  const parsed = schema.safeParse(value)
  return parsed.success
    ? { kind: 'read', value: parsed.data }
    : { kind: 'refused', problems: problemsOf(parsed.error) }
}

function problemsOf({ issues }: z.ZodError): FieldProblem[] {
  const problems = issues.map(({ path, message }) => ({ field: path.join('.'), problem: message }))
  // Several rules of one field may say the same.
  return [...new Map(problems.map((found) => [JSON.stringify(found), found])).values()]
}

/** Many of them, in their order; the field begins with the place in the list. */
export function readEach<Value>(
  values: readonly unknown[],
  read: (value: unknown) => Reading<Value>,
): Reading<readonly Value[]> {
  const readings = values.map(read)
  const problems = readings.flatMap((reading, index) =>
    reading.kind === 'refused'
      ? reading.problems.map(({ field, problem }) => ({
          field: [String(index), field].filter(Boolean).join('.'),
          problem,
        }))
      : [],
  )
  if (problems.length > 0) return { kind: 'refused', problems }
  return {
    kind: 'read',
    value: readings.flatMap((reading) => (reading.kind === 'read' ? [reading.value] : [])),
  }
}

/** Text that can be kept, of a bounded length. */
export function text(longest: number) {
  return z.string('must be a text.').superRefine((value, issues) => {
    const problem =
      value.length > longest
        ? `must have at most ${longest} characters; it has ${value.length}.`
        : plainTextProblem(value)
    if (problem !== undefined) issues.addIssue({ code: 'custom', message: problem })
  })
}

/** As above; absent, null and blank are the same. */
export function optionalText(longest: number) {
  return text(longest)
    .nullish()
    .transform((value) => value?.trim() || null)
}

/** A whole number, or its digits, as older tools send it; absent, null and empty = none. */
export function optionalCount(largest: number) {
  const message = `must be a whole number from 0 to ${largest}, or null.`
  return z
    .preprocess(
      (value) =>
        typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value === '' ? null : value,
      z.int(message).min(0, message).max(largest, message).nullish(),
    )
    .transform((value) => value ?? null)
}

const longestId = 200

/** Ids are listed in paths, separated by commas. */
export const idSchema = z
  .preprocess(
    (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value),
    text(longestId),
  )
  .refine((id) => /^[^,/\s](?:[^,/\n\r]*[^,/\s])?$/u.test(id), {
    message: 'must be an id without commas and slashes, such as ada or 21.',
    abort: true,
  })

export const tagsSchema = z
  .array(text(200), 'must be a list of texts.')
  .max(1000, 'must have at most 1000 tags.')
  .nullish()
  .transform((tags) => [...new Set(tags)])
