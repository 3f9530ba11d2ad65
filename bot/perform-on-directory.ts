import type { Answer } from '#engine/command/answer.ts'
import type { Command, ContactChange } from '#engine/command/command.ts'
import type { Person } from '#engine/person.ts'
import { changeContact } from './change-contact.ts'
import { explainWho, listContacts, sendTest, showContact } from './contacts.ts'
import type { Desk } from './desk.ts'
import { showEntity } from './entities.ts'

type DirectoryCommand =
  | ContactChange
  | Extract<Command, { readonly name: 'contact-list' | 'contact' | 'entity' | 'who' | 'test' }>

/** Who hears of what outside of the chat: shown, tried out and changed. */
export function performOnDirectory(desk: Desk, command: DirectoryCommand, person: Person): Promise<Answer> {
  switch (command.name) {
    case 'contact-list':
      return listContacts(desk)
    case 'contact':
      return showContact(desk, command.id)
    case 'entity':
      return showEntity(desk, command.entity)
    case 'who':
      return explainWho(desk, command.subject)
    case 'test':
      return sendTest(desk, command.subject, person)
    default:
      return changeContact(desk, command, person)
  }
}
