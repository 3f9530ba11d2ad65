import { randomUUID } from 'node:crypto'
import { firstEnvironment } from '#db/repositories/environments.ts'
import type { Answer } from '#engine/command/answer.ts'
import { message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import type { FieldProblem, RuleDraft } from '#engine/rule/rule.ts'
import { TelemetryUnavailable, Unanswerable } from '#engine/telemetry/telemetry.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import {
  readRuleForm,
  ruleFormStep,
  ruleFormSteps,
  type RulePreview,
  rulePreviewStep,
  subjectProblems,
} from '#engine/view/rule-form.ts'
import type { Desk } from './desk.ts'
import type { Draft, FormFlow, Sent } from './form-flow.ts'
import { objectionTo } from './rule-objection.ts'
import { saveNewRule, testRule } from './rules.ts'

/** Subject, condition, preview; nothing is saved before the preview was seen. */
export const ruleForm: FormFlow = {
  show: (desk, draft) =>
    draft.step < ruleFormSteps ? Promise.resolve(draw(draft, [])) : showPreview(desk, draft),
  send: async (desk, draft, person) => {
    if (draft.step === 1) return sendSubject(draft)
    const read = readRuleForm(draft.values)
    if ('problems' in read)
      return { kind: 'again', step: 2, answer: (_desk, next) => draw(next, read.problems) }
    if (draft.step === 2) return { kind: 'again', step: 3, answer: showPreview }
    return { kind: 'finish', finish: () => save(desk, read.draft, person) }
  },
}

function sendSubject(draft: Draft): Sent {
  const problems = subjectProblems(draft.values)
  return { kind: 'again', step: problems.length > 0 ? 1 : 2, answer: (_desk, next) => draw(next, problems) }
}

function draw(draft: Draft, problems: readonly FieldProblem[]): Answer {
  return { kind: 'form', form: ruleFormStep(draft.id, draft.step, draft.values, problems) }
}

async function showPreview(desk: Desk, draft: Draft): Promise<Answer> {
  const read = readRuleForm(draft.values)
  if ('problems' in read) return draw({ ...draft, step: 2 }, read.problems)
  const objection = await objectionTo(desk, read.draft, firstEnvironment.slug)
  if (objection?.isRefusal)
    return draw({ ...draft, step: 2 }, [{ field: objection.field, problem: objection.because }])
  return { kind: 'form', form: rulePreviewStep(draft.id, await preview(desk, read.draft)) }
}

/** A store that is down, or has not what is asked for yet, is no reason to refuse a rule: it is said, and the person decides. */
async function preview(desk: Desk, draft: RuleDraft): Promise<RulePreview> {
  try {
    return await testRule(desk, draft, firstEnvironment.slug)
  } catch (error) {
    if (!(error instanceof TelemetryUnavailable || error instanceof Unanswerable)) throw error
    return {
      lines: [
        [{ strong: draft.name }],
        [describeCondition(draft.condition)],
        [`No preview: ${error.message}`],
      ],
    }
  }
}

async function save(desk: Desk, draft: RuleDraft, person: Person): Promise<Answer> {
  await saveNewRule(desk, draft, {
    id: randomUUID(),
    environment: firstEnvironment.slug,
    createdBy: person.name,
  })
  return {
    kind: 'message',
    message: message({
      headline: `Saved: ${draft.name}`,
      tone: 'resolved',
      lines: [[describeCondition(draft.condition), '.']],
      actions: [{ kind: 'button', label: 'All rules', command: 'rule list' }],
    }),
  }
}
