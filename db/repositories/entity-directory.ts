import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict, NotFound, quoteNames } from '#db/errors.ts'
import { textRecords } from '#db/record-set.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { contactLinks } from '#db/schema/contacts.ts'
import { entities } from '#db/schema/entities.ts'
import type { EntityDraft } from '#engine/directory/entity-draft.ts'
import { changeRouting } from './change-routing.ts'
import { linkEntities } from './contact-directory.ts'
import { discoverEntities, entityOfLink, everything } from './entities.ts'
import { renameEntity } from './rename-entity.ts'

export interface EntityRecord {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly contactIds: readonly string[]
  /** Keys of the checks of the environment that was asked for. */
  readonly checkKeys: readonly string[]
}

interface EntityQuery {
  readonly environment: string
  readonly ids?: readonly string[]
  /** Names in lower case. */
  readonly keys?: readonly string[]
  /** Those that have (true) or have not (false) a check that is watched. */
  readonly enabled?: boolean
  /** Those whose id comes after this one. */
  readonly after?: string
  readonly limit?: number
}

/** By id. Ids that are not known are left out. */
export async function listEntities(
  db: Database,
  { environment, ids, keys, enabled, after, limit }: EntityQuery,
): Promise<EntityRecord[]> {
  await discoverEntities(db)
  const isWatched = sql`exists (select from ${checks} where ${checks.environment} = ${environment}
    and ${entityOfKey(checks)} = ${entities.key} and (${checks.memory} ->> 'isEnabled')::boolean)`
  const query = db
    .select()
    .from(entities)
    .where(
      and(
        ids && inArray(entities.id, [...ids]),
        keys && inArray(entities.key, [...keys]),
        after === undefined ? undefined : gt(entities.id, after),
        enabled === undefined ? undefined : enabled ? isWatched : sql`not ${isWatched}`,
      ),
    )
    .orderBy(asc(entities.id))
  const rows = await (limit === undefined ? query : query.limit(limit))
  const [contactsOf, checksOf] = await loadLinked(db, environment, rows)
  return rows.map(({ id, key, name, tags }) => ({
    id,
    name,
    tags,
    contactIds: (contactsOf.get(key) ?? []).map(({ value }) => value),
    checkKeys: (checksOf.get(key) ?? []).map(({ value }) => value),
  }))
}

interface Linked {
  readonly key: string
  readonly value: string
}

/** Ids of contacts and keys of checks, each by the key of their entity. */
async function loadLinked(
  db: Database,
  environment: string,
  rows: readonly { readonly key: string }[],
): Promise<[contacts: Map<string, Linked[]>, checks: Map<string, Linked[]>]> {
  const wanted = textRecords(
    'wanted',
    ['key'],
    rows.map(({ key }) => ({ key })),
  )
  const [contacts, own] = await Promise.all([
    db
      .select({ key: sql<string>`wanted.key`, value: contactLinks.contactId })
      .from(contactLinks)
      .innerJoin(wanted, sql`wanted.key = ${entityOfLink}`)
      .orderBy(asc(contactLinks.contactId)),
    db
      .select({ key: sql<string>`wanted.key`, value: checks.key })
      .from(checks)
      .innerJoin(wanted, sql`wanted.key = ${entityOfKey(checks)}`)
      .where(eq(checks.environment, environment))
      .orderBy(asc(checks.key)),
  ])
  return [Map.groupBy(contacts, ({ key }) => key), Map.groupBy(own, ({ key }) => key)]
}

export async function loadEntity(db: Database, environment: string, id: string): Promise<EntityRecord> {
  const [entity] = await listEntities(db, { environment, ids: [id] })
  if (!entity) throw new NotFound(`entity ${quoteNames([id])}`)
  return entity
}

/**
 * As Flapjack adds entities: one that has the name already gets the id, one that has the id gets the name, tags are added,
 * and those who hear of it are those named now and nobody else; contacts that are not known are left out. Throws Conflict
 * where id and name belong to two entities already.
 */
export async function putEntities(db: Database, drafts: readonly EntityDraft[]): Promise<void> {
  refuseTwins(drafts)
  if (drafts.length === 0) return
  await changeRouting(db, async (tx) => {
    await discoverEntities(tx)
    const keys = drafts.map(({ name }) => name.toLowerCase())
    const ids = drafts.map(({ id }) => id)
    const known = await tx
      .select()
      .from(entities)
      .where(sql`${inArray(entities.id, ids)} or ${inArray(entities.key, keys)}`)
    const byId = new Map(known.map((entity) => [entity.id, entity]))
    const byKey = new Map(known.map((entity) => [entity.key, entity]))
    for (const { id, name } of drafts) {
      const [named, own] = [byKey.get(name.toLowerCase()), byId.get(id)]
      if (named && own && named !== own) throw twins(name, named.id)
      if (own && own.key !== name.toLowerCase()) await renameEntity(tx, own, name)
    }
    const renamed = new Set(known.filter(({ id }) => ids.includes(id)).map(({ id }) => id))
    const rows = drafts.map(({ id, name, tags }) => {
      const before = renamed.has(id) ? byId.get(id) : byKey.get(name.toLowerCase())
      return { id, key: name.toLowerCase(), name, tags: [...new Set([...(before?.tags ?? []), ...tags])] }
    })
    await tx
      .insert(entities)
      .values(rows)
      .onConflictDoUpdate({
        target: entities.key,
        set: { id: sql`excluded.id`, name: sql`excluded.name`, tags: sql`excluded.tags` },
      })
    await replaceContacts(tx, drafts)
  })
}

function refuseTwins(drafts: readonly EntityDraft[]): void {
  const names = drafts.map(({ name }) => name.toLowerCase())
  const ids = drafts.map(({ id }) => id)
  const twice = drafts.filter(
    ({ id, name }, index) => ids.indexOf(id) !== index || names.indexOf(name.toLowerCase()) !== index,
  )
  if (twice.length > 0)
    throw new Conflict(`Each entity can be given once only: ${quoteNames(twice.map(({ name }) => name))}.`)
}

function twins(name: string, id: string): Conflict {
  return new Conflict(
    `An entity with the name ${quoteNames([name])} exists already, with the id ${quoteNames([id])}. Use that one, or rename it first.`,
  )
}

async function replaceContacts(tx: Database, drafts: readonly EntityDraft[]): Promise<void> {
  const ids = drafts.map(({ id }) => id)
  await tx.execute(sql`
    delete from ${contactLinks} using ${entities}
    where ${inArray(entities.id, ids)} and ${entities.key} = ${entityOfLink}`)
  const wanted = drafts.flatMap(({ id, contacts }) =>
    contacts.map((contactId) => ({ entity_id: id, contact_id: contactId })),
  )
  if (wanted.length === 0) return
  await tx.execute(sql`
    insert into ${contactLinks} (contact_id, leads_to, subject)
    select contact.id,
      case when entity.id = ${everything} then 'all' else 'entity' end,
      case when entity.id = ${everything} then '' else entity.key end
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as wanted (entity_id text, contact_id text)
    join ${entities} entity on entity.id = wanted.entity_id
    join contacts contact on contact.id = wanted.contact_id
    on conflict do nothing`)
}

/** What changes of entities, the same for each of them. */
interface EntityChange {
  readonly name?: string
  /** By the id of the contact. Those that are not known are left alone. */
  readonly contacts: ReadonlyMap<string, 'add' | 'remove'>
  readonly tags: TagChanges
}

export type TagChanges = ReadonlyMap<string, 'add' | 'remove'>

/** Throws NotFound, which names all that are missing, and Conflict for a name that is taken. */
export async function changeEntities(
  db: Database,
  ids: readonly string[],
  { name, contacts: linked, tags }: EntityChange,
): Promise<void> {
  await changeRouting(db, async (tx) => {
    const known = await requireEntitiesById(tx, ids)
    if (name !== undefined) {
      const [only, other] = known
      if (other) throw new Conflict('Only one entity can have this name; rename one at a time.')
      if (only) await rename(tx, only, name)
    }
    await linkKnownContacts(tx, ids, linked)
    if (tags.size > 0) {
      const rows = known.map((entity) => ({ id: entity.id, tags: changedTags(entity.tags, tags) }))
      await tx.execute(sql`
        update ${entities} set tags = changed.tags
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as changed (id text, tags jsonb)
        where ${entities.id} = changed.id`)
    }
  })
}

export function changedTags(before: readonly string[], changes: TagChanges): string[] {
  const kept = before.filter((tag) => changes.get(tag) !== 'remove')
  const added = [...changes].filter(([, change]) => change === 'add').map(([tag]) => tag)
  return [...new Set([...kept, ...added])]
}

async function rename(tx: Database, entity: typeof entities.$inferSelect, name: string): Promise<void> {
  const key = name.toLowerCase()
  const [taken] = await tx.select().from(entities).where(eq(entities.key, key))
  if (taken && taken.id !== entity.id) throw twins(name, taken.id)
  await renameEntity(tx, entity, name)
}

async function linkKnownContacts(
  tx: Database,
  entityIds: readonly string[],
  changes: ReadonlyMap<string, 'add' | 'remove'>,
): Promise<void> {
  if (changes.size === 0) return
  const known = await tx.execute<{ id: string }>(
    sql`select id from contacts where id in ${[...changes.keys()]}`,
  )
  for (const change of ['add', 'remove'] as const) {
    const contactIds = known.map(({ id }) => id).filter((id) => changes.get(id) === change)
    await linkEntities(tx, contactIds, new Map(entityIds.map((id) => [id, change])))
  }
}

/** Throws NotFound, which names all that are missing. */
export async function requireEntitiesById(
  tx: Database,
  ids: readonly string[],
): Promise<(typeof entities.$inferSelect)[]> {
  await discoverEntities(tx)
  const known = await tx
    .select()
    .from(entities)
    .where(inArray(entities.id, [...ids]))
  const found = new Set(known.map(({ id }) => id))
  const missing = [...new Set(ids)].filter((id) => !found.has(id))
  if (missing.length > 0) throw new NotFound(`entity ${quoteNames(missing)}`)
  return known
}
