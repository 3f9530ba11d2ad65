import type { Answer } from '#engine/command/answer.ts'
import type { Command, ContactChange, RouteChange } from '#engine/command/command.ts'
import type { Person } from '#engine/person.ts'
import { changeContact } from './change-contact.ts'
import { whoHears } from '#engine/view/hearing.ts'
import { matrixCard } from '#engine/view/matrix.ts'
import { listContacts, sendTest, showContact } from './contacts.ts'
import type { Desk } from './desk.ts'
import { showEntity } from './entities.ts'
import { explainAlert, explainSupposed, readSubject, type Supposed } from './explain.ts'
import { changeCell, loadMatrix } from './routing-matrix.ts'

type DirectoryCommand =
  | ContactChange
  | RouteChange
  | Extract<
      Command,
      { readonly name: 'contact-list' | 'contact' | 'entity' | 'who' | 'explain' | 'routes' | 'test' }
    >

/** Who hears of what outside of the chat: shown, tried out and changed. */
export async function performOnDirectory(
  desk: Desk,
  command: DirectoryCommand,
  person: Person,
): Promise<Answer> {
  switch (command.name) {
    case 'contact-list':
      return listContacts(desk)
    case 'contact':
      return showContact(desk, command.id)
    case 'entity':
      return showEntity(desk, command.entity)
    case 'who':
      return { kind: 'message', message: whoHears(await explainSupposed(desk, supposed(command.subject))) }
    case 'explain':
      return { kind: 'message', message: whoHears(await explain(desk, command.subject)) }
    case 'routes':
      return { kind: 'message', message: matrixCard(await loadMatrix(desk)) }
    case 'route':
      return changeCell(desk, command)
    case 'test':
      return sendTest(desk, command.subject, person)
    default:
      return changeContact(desk, command, person)
  }
}

function explain(desk: Desk, subject: string) {
  const number = /^#?(\d{1,9})$/.exec(subject.trim())?.[1]
  return number === undefined ? explainSupposed(desk, supposed(subject)) : explainAlert(desk, Number(number))
}

function supposed(subject: string): Supposed {
  return { ...readSubject(subject), labels: {} }
}
