import type { Answer } from '#engine/command/answer.ts'
import { silenceEnd } from '#engine/suppress/until.ts'
import { readSilenceForm, silenceForm as drawSilenceForm } from '#engine/view/silence-form.ts'
import type { Draft, FormFlow } from './form-flow.ts'
import { silenceIncident } from './change.ts'

export const silenceForm: FormFlow = {
  show: async (_desk, draft) => draw(draft),
  send: async (desk, draft, person) => {
    const read = readSilenceForm(draft.values)
    if ('problem' in read) return { kind: 'again', step: 1, answer: () => draw(draft, read.problem) }
    const until = silenceEnd(read.until, desk.clock(), desk.zone)
    return {
      kind: 'finish',
      finish: () => silenceIncident(desk, person, { number: numberOf(draft), until, reason: read.reason }),
    }
  },
}

function draw(draft: Draft, problem?: string): Answer {
  return { kind: 'form', form: drawSilenceForm(draft.id, numberOf(draft), draft.values, problem) }
}

function numberOf({ subject }: Draft): number {
  if (subject.form !== 'silence') throw new Error(`a silence form was opened on a ${subject.form} draft`)
  return subject.number
}
