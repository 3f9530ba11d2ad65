import { z } from 'zod'
import { severityLabel } from '#engine/alert.ts'
import type { Matcher } from '#engine/matcher.ts'

/** How seed 004 names what a silence covers; everything that is given must match. */
export const simpleMatcherSchema = z
  .strictObject({
    ruleId: name('ruleId'),
    severity: z
      .enum(['CRITICAL', 'WARNING', 'INFO'], { error: 'severity is CRITICAL, WARNING or INFO.' })
      .optional(),
    appSlug: name('appSlug'),
  })
  .refine((matcher) => Object.values(matcher).some((value) => value !== undefined), {
    error:
      'A silence needs at least one of ruleId, severity and appSlug: without any it would cover everything.',
  })

export type SimpleMatcher = z.infer<typeof simpleMatcherSchema>

function name(what: string) {
  return z
    .string({ error: `${what} must be text.` })
    .min(1, `${what} is empty: leave it out to cover every one.`)
    .max(200, `${what} is longer than 200 characters.`)
    .optional()
}

/** The label that each of the names stands for (`alertLabels`). A severity is ours: senders write theirs in many ways. */
const labelOf = { ruleId: 'ruleId', severity: severityLabel, appSlug: 'app' } as const satisfies Record<
  keyof SimpleMatcher,
  string
>

export function simpleMatchers(simple: SimpleMatcher): Matcher[] {
  return (Object.keys(labelOf) as (keyof SimpleMatcher)[]).flatMap((key): Matcher[] => {
    const value = simple[key]
    return value === undefined ? [] : [{ name: labelOf[key], operator: '=', value }]
  })
}
