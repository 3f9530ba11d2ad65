import type { RuleWord } from '#engine/directory/rule-keywords.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import type { Form, FormValues, TextField } from './form.ts'

/** What a contact hears of and when, then by which media. */
export const contactRuleSteps = 2

interface Step {
  readonly intro: string
  readonly fields: readonly (Pick<TextField, 'label' | 'hint'> & { readonly name: RuleWord })[]
}

const media = (label: string, name: RuleWord) => ({
  name,
  label,
  hint: 'Such as email, sms. Empty: by none. The word nothing: not even if another rule says so',
})

const steps: readonly Step[] = [
  {
    intro: 'With neither entities nor tags it is for everything else.',
    fields: [
      { name: 'for', label: 'Entities', hint: 'Any of them: db-1, db-2; patterns between slashes: /^web-/' },
      { name: 'tags', label: 'Tags of the event', hint: 'All of them: shop, eu; patterns: /^db[0-9]+$/' },
      { name: 'hours', label: 'Hours', hint: 'Always if empty; such as mon-fri 8-18; sat 10:00-14:00' },
    ],
  },
  {
    intro: 'By which media?',
    fields: [
      media('Critical', 'critical'),
      media('Warning', 'warning'),
      media('Unknown', 'unknown'),
      media('Info', 'info'),
    ],
  },
]

interface Asked {
  readonly id: string
  readonly contactId: string
  readonly step: number
  readonly values: FormValues
  /** Media of the contact: what most people want to hear of the worst by. */
  readonly media: readonly string[]
}

export function contactRuleStep(asked: Asked, problems: readonly FieldProblem[]): Form {
  const { id, contactId, step } = asked
  const { intro, fields } = stepAt(step)
  return {
    id,
    title: 'Rule of a contact',
    step,
    steps: contactRuleSteps,
    intro: [[{ strong: contactId }, `: ${intro}`]],
    fields: fields.map((field): TextField => ({
      ...field,
      kind: 'text',
      required: false,
      maxLength: 1000,
      value: asked.values[field.name] ?? preset(field.name, asked),
      ...errorOf(field.name, problems),
    })),
    submitLabel: step < contactRuleSteps ? 'Next' : 'Save',
  }
}

function preset(name: RuleWord, asked: Asked): string {
  return name === 'critical' || name === 'warning' ? asked.media.join(', ') : ''
}

function errorOf(name: RuleWord, problems: readonly FieldProblem[]): { error?: string } {
  const own = problems.filter(({ field }) => field === name).map(({ problem }) => problem)
  return own.length > 0 ? { error: own.join(' ') } : {}
}

/** The first step with a field that something is wrong with. */
export function stepOfProblem(problems: readonly FieldProblem[]): number | undefined {
  const wrong = new Set(problems.map(({ field }) => field))
  const at = steps.findIndex(({ fields }) => fields.some(({ name }) => wrong.has(name)))
  return at < 0 ? undefined : at + 1
}

function stepAt(step: number): Step {
  const found = steps[step - 1]
  if (!found) throw new Error(`the rule of a contact has no step ${step}`)
  return found
}
