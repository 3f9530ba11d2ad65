import { loadContact } from '#db/repositories/contact-directory.ts'
import type { Answer } from '#engine/command/answer.ts'
import { readRuleWords } from '#engine/directory/rule-words.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { contactRuleStep, contactRuleSteps, stepOfProblem } from '#engine/view/contact-rule-form.ts'
import { addRule } from './contact-rules.ts'
import type { Desk } from './desk.ts'
import type { Draft, FormFlow } from './form-flow.ts'

export const contactRuleForm: FormFlow = {
  show: (desk, draft) => draw(desk, draft, []),
  send: async (desk, draft) => {
    const reading = readRuleWords(draft.values)
    const problems = reading.kind === 'refused' ? reading.problems : []
    const wrong = stepOfProblem(problems)
    if (wrong !== undefined && wrong <= draft.step)
      return { kind: 'again', step: wrong, answer: (again, next) => draw(again, next, problems) }
    if (draft.step < contactRuleSteps)
      return { kind: 'again', step: draft.step + 1, answer: (again, next) => draw(again, next, []) }
    return { kind: 'finish', finish: () => addRule(desk, contactOf(draft), reading) }
  },
}

async function draw(desk: Desk, draft: Draft, problems: readonly FieldProblem[]): Promise<Answer> {
  const contactId = contactOf(draft)
  const { media } = await loadContact(desk.db, contactId)
  const asked = { id: draft.id, contactId, step: draft.step, values: draft.values }
  return { kind: 'form', form: contactRuleStep({ ...asked, media: Object.keys(media) }, problems) }
}

function contactOf({ subject }: Draft): string {
  if (subject.form !== 'contact-rule')
    throw new Error(`a form for the rule of a contact was opened on a ${subject.form} draft`)
  return subject.contactId
}
