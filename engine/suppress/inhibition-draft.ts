import { z } from 'zod'
import { isLabelName } from '#engine/labels.ts'
import { type Matcher, matchesEmpty } from '#engine/matcher.ts'
import { matchersSchema } from '#engine/matcher-input.ts'
import { isStorable } from '#engine/storable-text.ts'

/** What an inhibition rule is made of, as our API takes it. */
export const inhibitionDraftSchema = z.strictObject({
  name: z
    .string({ error: 'name must be text: what people see the rule by.' })
    .trim()
    .min(1, 'name is empty: give one that people recognise.')
    .max(200, 'name is longer than 200 characters.')
    .refine(isStorable, 'name holds a NUL or half a character: remove it.'),
  source: sayingSomething('source', 'everything that fires would silence its targets'),
  target: sayingSomething('target', 'any source would silence everything'),
  equal: z
    .array(z.string('equal holds names of labels, as text.').max(200), { error: 'equal must be a list.' })
    .max(20, 'More than 20 labels to agree on: leave some out.')
    .refine((names) => names.every((name) => isLabelName(name, 'utf8')), 'equal holds names of labels only.')
    .default([]),
})

export type InhibitionDraft = z.infer<typeof inhibitionDraftSchema>

function sayingSomething(field: string, otherwise: string) {
  return matchersSchema.refine(
    (matchers) => matchers.some(saysSomething),
    `${field} needs at least one matcher that does not match everything: ${otherwise}.`,
  )
}

function saysSomething(matcher: Matcher): boolean {
  return matcher.operator === '!=' || matcher.operator === '!~' || !matchesEmpty(matcher)
}
