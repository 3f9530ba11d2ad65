import type { Line, Picture } from '#engine/message/message.ts'
import { parseDuration } from '#engine/duration.ts'
import {
  type ConditionKind,
  conditionDefinitions,
  conditionKinds,
  isConditionKind,
} from '#engine/rule/conditions/registry.ts'
import { type FieldProblem, parseRuleDraft, type RuleDraft, severities } from '#engine/rule/rule.ts'
import type { Field, Form, FormValues } from './form.ts'

/** Three steps: what to watch, when it fires, and a look at what it would have done. */
export const ruleFormSteps = 3

const title = 'Create a rule'

export function ruleFormStep(
  id: string,
  step: number,
  values: FormValues,
  problems: readonly FieldProblem[] = [],
): Form {
  const fields = step === 1 ? subjectFields(values) : kindOf(values).fields(values)
  const known = new Set(fields.map((field) => field.name))
  const elsewhere = problems.filter((problem) => !known.has(problem.field)).map((problem) => problem.problem)
  return {
    id,
    title,
    step,
    steps: ruleFormSteps,
    intro:
      step === 1
        ? [['Say what to watch. Nothing is saved before you have seen what it would have done.']]
        : [[kindOf(values).about]],
    fields: [...fields, ...(step === 2 && !kindOf(values).setsDelay ? [forField(values)] : [])].map((field) =>
      withProblem(field, problems),
    ),
    submitLabel: step === 2 ? 'Preview' : 'Next',
    ...(elsewhere.length > 0 && { error: elsewhere.join(' ') }),
  }
}

/** What the last step shows: now, and the last hours as they would have been. */
export interface RulePreview {
  readonly lines: readonly Line[]
  readonly picture?: Picture
  /** When it would have fired, where the past is known. */
  readonly episodes?: readonly Episode[]
}

/** A stretch in which the rule would have been firing; `to` is undefined where it still would be. */
export interface Episode {
  readonly from: Date
  readonly to: Date | undefined
}

export function rulePreviewStep(id: string, preview: RulePreview): Form {
  return {
    id,
    title: 'Save this rule?',
    step: ruleFormSteps,
    steps: ruleFormSteps,
    intro: preview.lines,
    ...(preview.picture && { picture: preview.picture }),
    fields: [],
    submitLabel: 'Save',
  }
}

export type RuleFormResult = { readonly draft: RuleDraft } | { readonly problems: readonly FieldProblem[] }

/** Problems carry the names of form fields here, not of the API's. */
export function readRuleForm(values: FormValues): RuleFormResult {
  const definition = kindOf(values)
  const scope = {
    ...(filled(values['app']) && { appSlug: filled(values['app']) }),
    ...placeWithin(values['route']),
  }
  const parsed = parseRuleDraft({
    name: values['name'] ?? '',
    severity: values['severity'],
    conditionKind: values['kind'],
    condition: definition.fromForm(values, scope),
    evaluationIntervalSeconds: definition.defaultIntervalSeconds ?? 10,
    forDurationSeconds: parseDuration(filled(values['for']) ?? '0') ?? Number.NaN,
  })
  return 'draft' in parsed
    ? parsed
    : { problems: parsed.problems.map((problem) => toFormField(problem, definition.fieldOf)) }
}

/** `authorize-card`, `@payment-1`, or both: a form of one platform has no room for a field more. */
function placeWithin(text = ''): { routeId?: string; agentId?: string } {
  const [route = '', ...agent] = text.split('@')
  return {
    ...(route.trim() !== '' && { routeId: route.trim() }),
    ...(agent.length > 0 && { agentId: agent.join('@').trim() }),
  }
}

/** The problems that belong to the first step, so that it can be sent back before the second is shown. */
export function subjectProblems(values: FormValues): readonly FieldProblem[] {
  const names = new Set(['name', 'severity', 'kind', 'app', 'route'])
  const result = readRuleForm({ ...probe(values), ...values })
  return 'problems' in result ? result.problems.filter((problem) => names.has(problem.field)) : []
}

/** The second step's fields at their defaults: enough for the first step's own problems to show. */
function probe(values: FormValues): FormValues {
  return Object.fromEntries(
    kindOf(values)
      .fields({})
      .map((field) => [field.name, field.value ?? '']),
  )
}

function toFormField(problem: FieldProblem, fieldOf: Readonly<Record<string, string>>): FieldProblem {
  const path = problem.field.replace(/^condition\./, '')
  if (path === 'scope.appSlug') return { ...problem, field: 'app' }
  if (path === 'scope.routeId' || path === 'scope.agentId') return { ...problem, field: 'route' }
  if (path === 'conditionKind') return { ...problem, field: 'kind' }
  if (path === 'forDurationSeconds')
    return {
      field: 'for',
      problem: isNoNumber(problem)
        ? 'Not a length of time: try 0, 30s, 5m or 1h.'
        : problem.problem.includes('PER_EXCHANGE')
          ? 'Every single one fires at once: leave this at 0.'
          : 'At most a day.',
    }
  const field = fieldOf[path] ?? fieldOf[path.split('.')[0] ?? '']
  if (field !== undefined && path.endsWith('Seconds') && isNoNumber(problem))
    return { field, problem: 'Not a length of time: try 1m, 5m or 1h.' }
  return { ...problem, field: field ?? path }
}

function isNoNumber({ problem }: FieldProblem): boolean {
  return /whole number/.test(problem)
}

function kindOf(values: FormValues): (typeof conditionDefinitions)[ConditionKind] {
  const kind = values['kind']
  return conditionDefinitions[isConditionKind(kind) ? kind : 'ROUTE_METRIC']
}

function filled(text: string | undefined): string | undefined {
  const tidy = text?.trim()
  return tidy === '' ? undefined : tidy
}

function subjectFields(values: FormValues): Field[] {
  return [
    {
      kind: 'text',
      name: 'name',
      label: 'Name',
      placeholder: 'Card payments are failing',
      required: true,
      maxLength: 200,
      value: values['name'] ?? '',
    },
    {
      kind: 'choice',
      name: 'kind',
      label: 'What to look at',
      required: true,
      value: values['kind'] ?? 'ROUTE_METRIC',
      options: conditionKinds.map((kind) => ({
        value: kind,
        label: conditionDefinitions[kind].label,
        hint: conditionDefinitions[kind].about,
      })),
    },
    {
      kind: 'choice',
      name: 'severity',
      label: 'Severity',
      required: true,
      value: values['severity'] ?? 'WARNING',
      options: severities.map((severity) => ({ value: severity, label: severity })),
    },
    {
      kind: 'text',
      name: 'app',
      label: 'Service',
      hint: 'Leave empty to watch every service',
      placeholder: 'payment-service',
      required: false,
      maxLength: 200,
      value: values['app'] ?? '',
    },
    {
      kind: 'text',
      name: 'route',
      label: 'Route, or @agent',
      hint: 'Leave empty to watch all of the service',
      placeholder: 'authorize-card',
      required: false,
      maxLength: 200,
      value: values['route'] ?? '',
    },
  ]
}

function forField(values: FormValues): Field {
  return {
    kind: 'text',
    name: 'for',
    label: 'Only after it has lasted',
    hint: '0 = tell at once; or 30s, 5m …',
    required: false,
    value: values['for'] ?? '0',
  }
}

function withProblem(field: Field, problems: readonly FieldProblem[]): Field {
  const problem = problems.find((one) => one.field === field.name)
  return problem ? { ...field, error: problem.problem } : field
}
