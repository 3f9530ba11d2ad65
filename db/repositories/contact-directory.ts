import { randomUUID } from 'node:crypto'
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict, NotFound, quoteNames } from '#db/errors.ts'
import { contactLinks, contacts, media, notificationRules } from '#db/schema/contacts.ts'
import { entities } from '#db/schema/entities.ts'
import { destinations } from '#db/schema/notifications.ts'
import type { ContactDraft, ContactProfile } from '#engine/directory/contact-draft.ts'
import type { Contact, Medium } from '#engine/route/contacts.ts'
import { isSpecific } from '#engine/route/rules.ts'
import { changeRouting } from './change-routing.ts'
import { refuseToLose } from './contacts-in-use.ts'
import { discoverEntities, entityOfLink, everything } from './entities.ts'

/** A contact with all that hangs on it. */
export interface ContactRecord extends ContactProfile, Contact {
  readonly entities: readonly { readonly id: string; readonly name: string }[]
  /** Those that are stored; without a general one among them, the implicit one counts too. */
  readonly ruleIds: readonly string[]
  readonly hasGeneralRule: boolean
}

/** What changes of contacts, the same for each of them. */
export interface ContactChange {
  readonly profile?: Partial<ContactProfile>
  /** By the id of the entity. Those that are not known are left alone. */
  readonly entities?: ReadonlyMap<string, 'add' | 'remove'>
  /** By the id of the rule: taken over from whoever has it, or deleted. Those that are not known are left alone. */
  readonly rules?: ReadonlyMap<string, 'add' | 'remove'>
}

/** Ids, in the order of the drafts. Throws Conflict where an id is taken, and keeps none of them then. */
export async function insertContacts(db: Database, drafts: readonly ContactDraft[]): Promise<string[]> {
  const rows = drafts.map((draft) => ({ ...draft, id: draft.id ?? randomUUID() }))
  const ids = rows.map(({ id }) => id)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  if (twice.length > 0) throw new Conflict(`Each contact can be created once only: ${quoteNames(twice)}.`)
  if (rows.length === 0) return []
  await changeRouting(db, async (tx) => {
    const taken = await tx.select({ id: contacts.id }).from(contacts).where(inArray(contacts.id, ids))
    if (taken.length > 0) {
      const named = quoteNames(taken.map(({ id }) => id))
      throw new Conflict(`Contacts already exist with the following IDs: ${named}. Change those instead.`)
    }
    await tx.insert(contacts).values(rows)
  })
  return ids
}

/** Throws NotFound, which names all that are missing; then none is changed. */
export async function changeContacts(
  db: Database,
  ids: readonly string[],
  { profile = {}, entities: links = new Map(), rules = new Map() }: ContactChange,
): Promise<void> {
  await changeRouting(db, async (tx) => {
    await requireContacts(tx, ids)
    if (Object.keys(profile).length > 0)
      await tx
        .update(contacts)
        .set(profile)
        .where(inArray(contacts.id, [...ids]))
    await linkEntities(tx, ids, links)
    await handOverRules(tx, ids, rules)
  })
}

/** With their media, rules and links, and what was decided for them. Throws NotFound as above, and Conflict where a rule is for them. */
export async function deleteContacts(db: Database, ids: readonly string[]): Promise<void> {
  await changeRouting(db, async (tx) => {
    await requireContacts(tx, ids)
    await refuseToLose(tx, ids)
    await tx
      .update(destinations)
      .set({ active: false })
      .where(inArray(destinations.contactId, [...ids]))
    await tx.delete(contacts).where(inArray(contacts.id, [...ids]))
  })
}

export async function requireContacts(tx: Database, ids: readonly string[]): Promise<void> {
  const known = await tx
    .select({ id: contacts.id })
    .from(contacts)
    .where(inArray(contacts.id, [...ids]))
  const found = new Set(known.map(({ id }) => id))
  const missing = [...new Set(ids)].filter((id) => !found.has(id))
  if (missing.length > 0) throw new NotFound(`contact ${quoteNames(missing)}`)
}

/** Links of each of these contacts to each of these entities, made and taken away. */
export async function linkEntities(
  tx: Database,
  contactIds: readonly string[],
  changes: ReadonlyMap<string, 'add' | 'remove'>,
): Promise<void> {
  if (changes.size === 0 || contactIds.length === 0) return
  const known = await tx
    .select({ id: entities.id, key: entities.key })
    .from(entities)
    .where(inArray(entities.id, [...changes.keys()]))
  const rows = known.flatMap((entity) =>
    contactIds.map((contactId) => ({ ...placeOf(entity), contactId, entityId: entity.id })),
  )
  const added = rows.filter(({ entityId }) => changes.get(entityId) === 'add')
  const removed = rows.filter(({ entityId }) => changes.get(entityId) === 'remove')
  if (added.length > 0) {
    await tx.execute(sql`
      insert into ${contactLinks} (contact_id, leads_to, subject)
      select contact_id, leads_to, subject from ${linkRecords(added)}
      on conflict do nothing`)
  }
  if (removed.length > 0) {
    await tx.execute(sql`
      delete from ${contactLinks} link using ${linkRecords(removed)}
      where link.contact_id = named.contact_id and link.leads_to = named.leads_to and link.subject = named.subject`)
  }
}

interface LinkPlace {
  readonly contactId: string
  readonly leadsTo: 'all' | 'entity'
  readonly subject: string
}

function placeOf({ id, key }: { id: string; key: string }): Omit<LinkPlace, 'contactId'> {
  return id === everything ? { leadsTo: 'all', subject: '' } : { leadsTo: 'entity', subject: key }
}

function linkRecords(places: readonly LinkPlace[]) {
  const rows = places.map(({ contactId, leadsTo, subject }) => ({
    contact_id: contactId,
    leads_to: leadsTo,
    subject,
  }))
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as named (contact_id text, leads_to text, subject text)`
}

async function handOverRules(
  tx: Database,
  contactIds: readonly string[],
  changes: ReadonlyMap<string, 'add' | 'remove'>,
): Promise<void> {
  // A rule belongs to one contact: of several the last one has it.
  const contactId = contactIds.at(-1)
  const named = (what: 'add' | 'remove') =>
    [...changes].filter(([, change]) => change === what).map(([id]) => id)
  const [added, removed] = [named('add'), named('remove')]
  if (contactId !== undefined && added.length > 0)
    await tx.update(notificationRules).set({ contactId }).where(inArray(notificationRules.id, added))
  if (removed.length > 0)
    await tx
      .delete(notificationRules)
      .where(
        and(inArray(notificationRules.id, removed), inArray(notificationRules.contactId, [...contactIds])),
      )
}

interface ContactQuery {
  readonly ids?: readonly string[]
  /** Those whose id comes after this one. */
  readonly after?: string
  readonly limit?: number
}

/** By id. Ids that are not known are left out. */
export async function listContacts(
  db: Database,
  { ids, after, limit }: ContactQuery = {},
): Promise<ContactRecord[]> {
  await discoverEntities(db)
  const query = db
    .select()
    .from(contacts)
    .where(
      and(ids && inArray(contacts.id, [...ids]), after === undefined ? undefined : gt(contacts.id, after)),
    )
    .orderBy(asc(contacts.id))
  const rows = await (limit === undefined ? query : query.limit(limit))
  if (rows.length === 0) return []
  const found = rows.map(({ id }) => id)
  const [ways, rules, links] = await Promise.all([
    db.select().from(media).where(inArray(media.contactId, found)).orderBy(asc(media.position)),
    db
      .select({
        id: notificationRules.id,
        contactId: notificationRules.contactId,
        definition: notificationRules.definition,
      })
      .from(notificationRules)
      .where(inArray(notificationRules.contactId, found))
      .orderBy(asc(notificationRules.id)),
    db
      .select({ contactId: contactLinks.contactId, id: entities.id, name: entities.name })
      .from(contactLinks)
      .innerJoin(entities, eq(entities.key, entityOfLink))
      .where(inArray(contactLinks.contactId, found))
      .orderBy(asc(entities.key)),
  ])
  const waysOf = Map.groupBy(ways, (way) => way.contactId)
  const rulesOf = Map.groupBy(rules, (rule) => rule.contactId)
  const linksOf = Map.groupBy(links, (link) => link.contactId)
  return rows.map((row) => {
    const own = rulesOf.get(row.id) ?? []
    return {
      ...row,
      media: mediaOf(waysOf.get(row.id) ?? []),
      entities: (linksOf.get(row.id) ?? []).map(({ id, name }) => ({ id, name })),
      ruleIds: own.map(({ id }) => id),
      hasGeneralRule: own.some(({ definition }) => !isSpecific(definition)),
    }
  })
}

function mediaOf(rows: readonly (typeof media.$inferSelect)[]): Readonly<Record<string, Medium>> {
  return Object.fromEntries(
    rows.map(({ name, address, intervalSeconds, rollupThreshold }) => [
      name,
      { address, intervalSeconds, rollupThreshold },
    ]),
  )
}

export async function loadContact(db: Database, id: string): Promise<ContactRecord> {
  const [contact] = await listContacts(db, { ids: [id] })
  if (!contact) throw new NotFound(`contact ${quoteNames([id])}`)
  return contact
}
