import { type FailingState, failingStates } from '#engine/notify/severity.ts'
import { readHours } from '#engine/route/hours-words.ts'
import { type RuleDraft, readNewRule } from '#engine/route/read-rule.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { entityName } from './entity-draft.ts'
import { type Reading, readWith } from './reading.ts'
import type { RuleWord, RuleWords } from './rule-keywords.ts'
import { readWordList } from './word-list.ts'

/** Instead of media: the contact hears nothing at all of this, whatever other rules say. */
const nothing = 'nothing'

export function readRuleWords(words: RuleWords): Reading<RuleDraft> {
  const entities = readWordList(words.for ?? '')
  const tags = readWordList(words.tags ?? '')
  const hours = readHours(words.hours ?? '')
  const reading = readNewRule({
    entities: entities.names.map((name) => name.toLowerCase()),
    regex_entities: entities.patterns,
    tags: tags.names,
    regex_tags: tags.patterns,
    time_restrictions: 'problem' in hours ? [] : hours.restrictions,
    ...Object.fromEntries(failingStates.flatMap((state) => severityFields(state, words[state] ?? ''))),
  })
  const problems = [
    ...entities.names.flatMap(entityProblems),
    ...('problem' in hours ? [{ field: 'hours', problem: hours.problem }] : []),
    ...(reading.kind === 'refused' ? reading.problems.map(asSaid) : []),
  ]
  if (reading.kind === 'refused' || problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'read', value: reading.rule }
}

function severityFields(state: FailingState, text: string): [string, unknown][] {
  const media = readWordList(text.toLowerCase()).names
  const isBlackhole = media.length === 1 && media[0] === nothing
  return [
    [`${state}_media`, isBlackhole ? [] : media],
    [`${state}_blackhole`, isBlackhole],
  ]
}

function entityProblems(name: string): FieldProblem[] {
  const reading = readWith(entityName, name)
  return reading.kind === 'read' ? [] : reading.problems.map(({ problem }) => ({ field: 'for', problem }))
}

function asSaid({ field, problem }: FieldProblem): FieldProblem {
  const [name = ''] = field.split('.')
  return { field: wordOf[name] ?? name.replace(/_(?:media|blackhole)$/, ''), problem }
}

const wordOf: Readonly<Record<string, RuleWord>> = {
  entities: 'for',
  regex_entities: 'for',
  tags: 'tags',
  regex_tags: 'tags',
  time_restrictions: 'hours',
}
