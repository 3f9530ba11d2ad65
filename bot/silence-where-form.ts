import type { Answer } from '#engine/command/answer.ts'
import { readSilenceWords } from '#engine/suppress/silence-words.ts'
import { clausesOf, silenceWhereForm as drawForm } from '#engine/view/silence-where-form.ts'
import type { Draft, FormFlow } from './form-flow.ts'
import { makeSilence } from './silences.ts'

export const silenceWhereForm: FormFlow = {
  show: async (_desk, draft) => draw(draft),
  send: async (desk, draft, person) => {
    const clauses = clausesOf(draft.values)
    const read = readSilenceWords(clauses, { now: desk.clock(), zone: desk.zone })
    if ('problem' in read) {
      return {
        kind: 'again',
        step: 1,
        answer: () => ({ kind: 'form', form: drawForm(draft.id, draft.values, read) }),
      }
    }
    return {
      kind: 'finish',
      finish: async () => {
        const made = await makeSilence(desk, clauses, person)
        return 'problem' in made ? { kind: 'refused', because: made.problem } : made
      },
    }
  },
}

function draw({ id, values }: Draft): Answer {
  return { kind: 'form', form: drawForm(id, values) }
}
