import type { Logger } from 'pino'
import type { Refusal } from '#engine/audit.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Command } from '#engine/command/command.ts'
import type { Person, Surface } from '#engine/person.ts'
import type { FormValues } from '#engine/view/form.ts'

/** Who a platform says is speaking. `tenant` is the workspace, Entra tenant or guild; names are for display only. */
export interface Identity {
  readonly surface: Surface
  readonly tenant: string
  readonly externalId: string
  readonly name: string
  /** Set where the platform or its settings say that this person may look but not act. */
  readonly mayOnlyLook?: boolean
}

/** A place alerts are posted to. `key` is unique within a surface; `address` is the vendor's own terms. */
export interface Place {
  readonly surface: Surface
  readonly key: string
  readonly name: string
  readonly address: Readonly<Record<string, string>>
}

/**
 * Everything a door may do. A door verifies and parses what its platform sends, calls one of these, and shows the
 * answer in its own dialect; it never touches the database or decides anything.
 */
export interface Front {
  /** Parses and performs a line a person typed, or the command a button carried. A complaint comes back as a refusal. */
  say(text: string, person: Person): Promise<Answer>
  perform(command: Command, person: Person): Promise<Answer>
  /** One step of a form sent in: the next step, the same step with errors, or the closing message. */
  submit(formId: string, values: FormValues, person: Person): Promise<Answer>
  /** Shows a form again as it stands, e.g. after a restart or on the second page of a narrow platform. */
  reopen(formId: string, person: Person): Promise<Answer>
  meet(identity: Identity): Promise<Person>
  /** Somebody was not let as far as being anybody here. */
  readonly noteRefusal: (refusal: Refusal) => void
  /** Alerts are posted here from now on; telling it twice changes nothing. */
  rememberPlace(place: Place): Promise<void>
  forgetPlace(surface: Surface, key: string): Promise<void>
  readonly clock: () => Date
  readonly log: Logger
}
