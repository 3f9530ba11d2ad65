import { forgetDestination, rememberDestination } from '#db/repositories/destinations.ts'
import { meetPerson } from '#db/repositories/people.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { makeStorable } from '#engine/storable-text.ts'
import type { Desk } from './desk.ts'
import { reopenForm, submitForm } from './forms.ts'
import type { Front } from './front.ts'
import { perform } from './perform.ts'

/** The front every door stands before. */
export function houseFront(desk: Desk): Front {
  return {
    say: async (text, person) => {
      const parsed = parseCommand(makeStorable(text))
      return isComplaint(parsed)
        ? { kind: 'refused', because: parsed.complaint }
        : perform(desk, parsed, person)
    },
    perform: (command, person) => perform(desk, command, person),
    submit: (formId, values, person) => submitForm(desk, formId, values, person),
    reopen: (formId, person) => reopenForm(desk, formId, person),
    meet: ({ surface, tenant, externalId, name, mayOnlyLook }) =>
      meetPerson(
        desk.db,
        {
          surface,
          tenant,
          externalId,
          name: makeStorable(name),
          role: mayOnlyLook === true ? 'VIEWER' : 'OPERATOR',
        },
        desk.clock(),
      ),
    noteRefusal: (refusal) => desk.audit.refused(refusal),
    rememberPlace: (place) => rememberDestination(desk.db, place),
    forgetPlace: (surface, key) => forgetDestination(desk.db, surface, key),
    clock: desk.clock,
    log: desk.log,
  }
}
