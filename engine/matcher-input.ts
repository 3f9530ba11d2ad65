import { z } from 'zod'
import { isLabelName, isStorableText } from './labels.ts'
import { type Matcher, patternProblem } from './matcher.ts'
import { parseMatcher } from './matcher-text.ts'

const operators = ['=', '!=', '=~', '!~'] as const
const longest = 1000

/** One matcher as our own API takes it: text, `team=~"a|b"`, or its three parts. */
const matcherSchema = z.union(
  [
    z
      .string()
      .max(2 * longest, `A matcher has at most ${2 * longest} characters.`)
      .transform((text, issues): Matcher => {
        const parsed = parseMatcher(text)
        if ('matcher' in parsed) return parsed.matcher
        issues.addIssue({ code: 'custom', message: `${parsed.problem}; write it as team="payments".` })
        return z.NEVER
      }),
    z.strictObject({
      name: z.string('name must be text.').max(200, 'name is longer than 200 characters.'),
      operator: z.enum(operators, { error: 'operator is =, !=, =~ or !~.' }),
      value: z.string('value must be text.').max(longest, `value is longer than ${longest} characters.`),
    }),
  ],
  { error: 'A matcher is text such as team="payments", or an object with name, operator and value.' },
)

/** A list of them, every one fit for use; said by its place which is not, and why. */
export const matchersSchema = z
  .array(matcherSchema, { error: 'matchers must be a list.' })
  .max(50, 'More than 50 matchers: split them.')
  .superRefine((matchers, issues) => {
    matchers.forEach((matcher, at) => {
      const problem = matcherProblem(matcher)
      if (problem !== undefined) issues.addIssue({ code: 'custom', path: [at], message: problem })
    })
  })

function matcherProblem({ name, operator, value }: Matcher): string | undefined {
  if (!isLabelName(name, 'utf8')) return 'The name of a label is text without NUL, and not empty.'
  if (!isStorableText(value)) return 'The value holds a NUL or half a character: remove it.'
  const problem = operator === '=~' || operator === '!~' ? patternProblem(value) : undefined
  return problem === undefined ? undefined : `${problem}: this pattern cannot be used.`
}
