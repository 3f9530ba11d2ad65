import { deleteContacts, insertContacts, loadContact } from '#db/repositories/contact-directory.ts'
import { deleteMedia, putMedia } from '#db/repositories/contact-media.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { ContactChange } from '#engine/command/command.ts'
import { quoted } from '#engine/command/quoting.ts'
import { mediaWayOf } from '#engine/directory/media-ways.ts'
import { readContactWords, readMediumWords } from '#engine/directory/contact-words.ts'
import { readRuleWords } from '#engine/directory/rule-words.ts'
import { message } from '#engine/message/message.ts'
import type { Person } from '#engine/person.ts'
import { counted } from '#engine/view/counted.ts'
import { hear, hearNoMore } from './contact-links.ts'
import { addRule, removeRule } from './contact-rules.ts'
import { beginForm } from './forms.ts'
import type { Desk } from './desk.ts'
import { changedContact, notKept } from './changed-contact.ts'

type Change<Name extends ContactChange['name']> = Extract<ContactChange, { readonly name: Name }>

/** It counts from the next event on: every change renews the version of the routing. */
export function changeContact(desk: Desk, change: ContactChange, person: Person): Promise<Answer> {
  switch (change.name) {
    case 'contact-add':
      return add(desk, change)
    case 'contact-remove':
      return remove(desk, change)
    case 'contact-media':
      return reach(desk, change)
    case 'contact-hears':
      return hear(desk, change.id, change.subject)
    case 'contact-hears-no-more':
      return hearNoMore(desk, change.id, change.subject)
    case 'contact-rule':
      return change.rule
        ? addRule(desk, change.id, readRuleWords(change.rule))
        : beginForm(desk, { form: 'contact-rule', contactId: change.id }, person)
    case 'contact-rule-remove':
      return removeRule(desk, change.id, change.rule)
  }
}

async function add(desk: Desk, change: Change<'contact-add'>): Promise<Answer> {
  const reading = readContactWords(change)
  if (reading.kind === 'refused') return notKept('This contact', reading.problems)
  const [id = ''] = await insertContacts(desk.db, [reading.value])
  const name = quoted(id)
  return changedContact(desk, id, {
    headline: `Contact ${id} is there`,
    notes: [
      [
        'Next: ',
        { code: `contact ${name} media email <address>` },
        ' and ',
        { code: `contact ${name} hears <entity>` },
      ],
    ],
  })
}

async function remove({ db }: Desk, { id, isSure }: Change<'contact-remove'>): Promise<Answer> {
  if (isSure) {
    await deleteContacts(db, [id])
    return { kind: 'message', message: message({ headline: `Contact ${id} is removed` }) }
  }
  const { media, ruleIds } = await loadContact(db, id)
  const parts = [
    counted(Object.keys(media).length, 'medium', 'media'),
    counted(ruleIds.length, 'rule', 'rules'),
  ]
  const command = `contact remove ${quoted(id)} sure`
  return {
    kind: 'message',
    message: message({
      headline: `Remove contact ${id}?`,
      tone: 'warning',
      lines: [[`With ${parts.join(', ')} and what it is linked to. Nothing brings it back.`]],
      notes: [['Nothing is removed yet: press the button, or say ', { code: command }, '.']],
      actions: [{ kind: 'button', label: 'Remove', command, style: 'danger' }],
    }),
  }
}

async function reach(desk: Desk, { id, type, medium }: Change<'contact-media'>): Promise<Answer> {
  if (!medium) {
    const gone = await deleteMedia(desk.db, [{ contactId: id, type }])
    if (gone === 0)
      return { kind: 'refused', because: `${id} has no ${type.slice(0, 40)}. See contact ${quoted(id)}.` }
    return changedContact(desk, id, { headline: `${id} is no longer reached by ${type}` })
  }
  if (mediaWayOf(type)?.secret)
    return {
      kind: 'refused',
      because: `The address of ${type} is a secret, and a chat keeps what is typed: nothing was kept here. Delete your message, and send it to PUT /api/v1/contacts/${id}/media/${type}.`,
    }
  const reading = readMediumWords(type, medium)
  if (reading.kind === 'refused') return notKept('This medium', reading.problems)
  await putMedia(desk, id, [reading.value])
  return changedContact(desk, id, { headline: `${id} is reached by ${type}` })
}
