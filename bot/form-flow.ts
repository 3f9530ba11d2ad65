import type { FormDraft } from '#db/repositories/form-drafts.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Person } from '#engine/person.ts'
import type { Desk } from './desk.ts'

/** What one form does; `show` draws the step a draft stands at, `send` takes a step's values. */
export interface FormFlow {
  show(desk: Desk, draft: Draft): Promise<Answer>
  send(desk: Desk, draft: Draft, person: Person): Promise<Sent>
}

/** The draft as it is after the values just sent. */
export type Draft = Pick<FormDraft, 'id' | 'subject' | 'step' | 'values'>

/** `again`: this step or the next one is to be shown. `finish`: the form is through; it runs once however often it is sent. */
export type Sent =
  | {
      readonly kind: 'again'
      readonly step: number
      readonly answer: (desk: Desk, draft: Draft) => Promise<Answer> | Answer
    }
  | { readonly kind: 'finish'; readonly finish: () => Promise<Answer> }
