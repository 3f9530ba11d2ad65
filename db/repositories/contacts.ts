import { and, eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { contactLinks, contacts, media, notificationRules } from '#db/schema/contacts.ts'
import type { Contact, ContactLink } from '#engine/route/contacts.ts'
import type { NotificationRule } from '#engine/route/rules.ts'
import { changeRouting } from './change-routing.ts'
import { requireContacts } from './contact-directory.ts'

/** With all media: those not named here are gone. */
export async function saveContact(db: Database, { id, timezone, media: named }: Contact): Promise<void> {
  const rows = Object.entries(named).map(([name, medium], position) => ({
    ...medium,
    contactId: id,
    name,
    position,
  }))
  await changeRouting(db, async (tx) => {
    await tx
      .insert(contacts)
      .values({ id, timezone })
      .onConflictDoUpdate({ target: contacts.id, set: { timezone } })
    await tx.delete(media).where(eq(media.contactId, id))
    if (rows.length > 0) await tx.insert(media).values(rows)
  })
}

export async function saveNotificationRule(db: Database, rule: NotificationRule): Promise<void> {
  const { id, contactId, ...definition } = rule
  await changeRouting(db, (tx) =>
    tx
      .insert(notificationRules)
      .values({ id, contactId, definition })
      .onConflictDoUpdate({ target: notificationRules.id, set: { contactId, definition } }),
  )
}

/** False where it was linked so already. Throws NotFound for the contact. */
export async function linkContact(db: Database, link: ContactLink): Promise<boolean> {
  return changeRouting(db, async (tx) => {
    await requireContacts(tx, [link.contactId])
    const fresh = await tx
      .insert(contactLinks)
      .values(linkRow(link))
      .onConflictDoNothing()
      .returning({ id: contactLinks.id })
    return fresh.length > 0
  })
}

/** False where it was not linked so. Throws NotFound for the contact. */
export async function unlinkContact(db: Database, link: ContactLink): Promise<boolean> {
  const { contactId, leadsTo, subject } = linkRow(link)
  const isIt = and(
    eq(contactLinks.contactId, contactId),
    eq(contactLinks.leadsTo, leadsTo),
    eq(contactLinks.subject, subject),
  )
  return changeRouting(db, async (tx) => {
    await requireContacts(tx, [link.contactId])
    const gone = await tx.delete(contactLinks).where(isIt).returning({ id: contactLinks.id })
    return gone.length > 0
  })
}

function linkRow(link: ContactLink): typeof contactLinks.$inferInsert {
  return { contactId: link.contactId, leadsTo: link.to, subject: subjectOf(link) }
}

function subjectOf(link: ContactLink): string {
  switch (link.to) {
    case 'all':
      return ''
    case 'entity':
      return link.entity.toLowerCase()
    case 'check':
      return link.checkKey
  }
}
