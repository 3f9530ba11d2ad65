import { listChecks } from '#db/repositories/check-directory.ts'
import { loadContact } from '#db/repositories/contact-directory.ts'
import { linkContact, unlinkContact } from '#db/repositories/contacts.ts'
import { everything } from '#db/repositories/entities.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import type { Answer } from '#engine/command/answer.ts'
import { quoted } from '#engine/command/quoting.ts'
import { readLinkWords } from '#engine/directory/link-words.ts'
import type { ContactLink } from '#engine/route/contacts.ts'
import { changedContact, notKept } from './changed-contact.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export async function hear(desk: Desk, id: string, subject: string): Promise<Answer> {
  const reading = readLinkWords(id, subject)
  if (reading.kind === 'refused') return notKept('This link', reading.problems)
  const link = reading.value
  const isNew = await linkContact(desk.db, link)
  const what = printLink(link)
  // A name that is misspelt looks like one whose first event is still to come.
  const notes = (await isKnown(desk, link))
    ? []
    : [[`Nothing was ever heard of ${what}: check the spelling, or wait for its first event.`]]
  return changedContact(desk, id, { headline: `${id} hears ${what}${isNew ? '' : ' already'}`, notes })
}

export async function hearNoMore(desk: Desk, id: string, subject: string): Promise<Answer> {
  const reading = readLinkWords(id, subject)
  if (reading.kind === 'refused') return notKept('This link', reading.problems)
  const what = printLink(reading.value)
  if (await unlinkContact(desk.db, reading.value))
    return changedContact(desk, id, { headline: `${id} is no longer linked to ${what}` })
  const { entities } = await loadContact(desk.db, id)
  const hearsAll = entities.some((entity) => entity.id === everything)
  const instead = hearsAll
    ? `It hears everything: contact ${quoted(id)} no longer hears everything, or a rule with nothing for it.`
    : `See contact ${quoted(id)}.`
  return { kind: 'refused', because: `${id} is not linked to ${what}. ${instead}` }
}

function printLink(link: ContactLink): string {
  switch (link.to) {
    case 'all':
      return 'everything'
    case 'entity':
      return link.entity
    case 'check':
      return link.checkKey
  }
}

async function isKnown({ db }: Desk, link: ContactLink): Promise<boolean> {
  if (link.to === 'all') return true
  const which = link.to === 'check' ? { keys: [link.checkKey] } : { entityKeys: [link.entity.toLowerCase()] }
  return (await listChecks(db, { environment, ...which, limit: 1 })).length > 0
}
