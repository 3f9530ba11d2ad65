import { randomUUID } from 'node:crypto'
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { recordSet } from '#db/record-set.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { checkTags, entities } from '#db/schema/entities.ts'
import { type Check, unseenCheck } from '#engine/check.ts'
import type { CheckDraft } from '#engine/directory/entity-draft.ts'
import { lockChecks, saveChecks } from './checks.ts'
import { discoverEntities } from './entities.ts'
import { changedTags, requireEntitiesById, type TagChanges } from './entity-directory.ts'

export interface CheckRecord extends Check {
  readonly entityId: string
  readonly entityName: string
  readonly tags: readonly string[]
}

interface CheckQuery {
  readonly environment: string
  readonly keys?: readonly string[]
  readonly entityIds?: readonly string[]
  /** Names in lower case. */
  readonly entityKeys?: readonly string[]
  readonly enabled?: boolean
  /** Those whose key comes after this one. */
  readonly after?: string
  readonly limit?: number
}

/** By key. Keys that are not known are left out. */
export async function listChecks(db: Database, query: CheckQuery): Promise<CheckRecord[]> {
  const { environment, keys, entityIds, entityKeys, enabled, after, limit } = query
  await discoverEntities(db)
  const found = db
    .select({ check: checks, entityId: entities.id, entityName: entities.name, tags: checkTags.tags })
    .from(checks)
    .innerJoin(entities, eq(entities.key, entityOfKey(checks)))
    .leftJoin(checkTags, eq(checkTags.checkId, checks.id))
    .where(
      and(
        eq(checks.environment, environment),
        keys && inArray(checks.key, [...keys]),
        entityIds && inArray(entities.id, [...entityIds]),
        entityKeys && inArray(entities.key, [...entityKeys]),
        enabled === undefined ? undefined : sql`(${checks.memory} ->> 'isEnabled')::boolean = ${enabled}`,
        after === undefined ? undefined : gt(checks.key, after),
      ),
    )
    .orderBy(asc(checks.key))
  const rows = await (limit === undefined ? found : found.limit(limit))
  return rows.map(({ check, tags, ...entity }) => ({ ...check, ...entity, tags: tags ?? [] }))
}

/** Watched from now on; one that is there already keeps what is known of it. Keys; throws NotFound for entities. */
export async function putChecks(
  db: Database,
  environment: string,
  drafts: readonly CheckDraft[],
): Promise<string[]> {
  return db.transaction(async (tx) => {
    const known = await requireEntitiesById(
      tx,
      drafts.map(({ entityId }) => entityId),
    )
    const entityOf = new Map(known.map((entity) => [entity.id, entity]))
    const named = drafts.flatMap(({ entityId, name, tags }) => {
      const entity = entityOf.get(entityId)
      return entity ? [{ entity, name, tags, key: `${entity.key}:${name}` }] : []
    })
    const fresh = named.map(({ entity, name, key }) =>
      unseenCheck({ id: randomUUID(), environment, key, entity: entity.name, name }),
    )
    const keys = named.map(({ key }) => key)
    await tx
      .insert(checks)
      .select(
        recordSet(
          checks,
          fresh.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
        ),
      )
      .onConflictDoNothing()
    await change(tx, environment, keys, { enabled: true, tagsOf: tagsByKey(named) })
    return keys
  })
}

function tagsByKey(named: readonly { key: string; tags: readonly string[] }[]): (key: string) => TagChanges {
  const byKey = Map.groupBy(named, ({ key }) => key)
  return (key) =>
    new Map((byKey.get(key) ?? []).flatMap(({ tags }) => tags.map((tag) => [tag, 'add'] as const)))
}

/** Throws NotFound, which names all that are missing. */
export async function changeChecks(
  db: Database,
  places: { readonly environment: string; readonly keys: readonly string[] },
  { enabled, tags }: { readonly enabled?: boolean; readonly tags: TagChanges },
): Promise<void> {
  const { environment, keys } = places
  await db.transaction((tx) =>
    change(tx, environment, keys, { ...(enabled !== undefined && { enabled }), tagsOf: () => tags }),
  )
}

interface CheckChange {
  readonly enabled?: boolean
  readonly tagsOf: (key: string) => TagChanges
}

async function change(
  tx: Database,
  environment: string,
  keys: readonly string[],
  { enabled, tagsOf }: CheckChange,
): Promise<void> {
  const held = await lockChecks(tx, and(eq(checks.environment, environment), inArray(checks.key, [...keys])))
  const found = new Set(held.map(({ key }) => key))
  const missing = [...new Set(keys)].filter((key) => !found.has(key))
  if (missing.length > 0) throw new NotFound(`check ${quoteNames(missing)}`)
  await saveChecks(
    tx,
    held.flatMap((check) =>
      enabled === undefined || check.memory.isEnabled === enabled
        ? []
        : [{ ...check, memory: { ...check.memory, isEnabled: enabled } }],
    ),
  )
  await saveTags(
    tx,
    held.filter(({ key }) => tagsOf(key).size > 0),
    tagsOf,
  )
}

async function saveTags(
  tx: Database,
  held: readonly Check[],
  tagsOf: (key: string) => TagChanges,
): Promise<void> {
  if (held.length === 0) return
  const known = await tx
    .select()
    .from(checkTags)
    .where(
      inArray(
        checkTags.checkId,
        held.map(({ id }) => id),
      ),
    )
  const before = new Map(known.map(({ checkId, tags }) => [checkId, tags]))
  const rows = held.map(({ id, key }) => ({
    checkId: id,
    tags: changedTags(before.get(id) ?? [], tagsOf(key)),
  }))
  await tx
    .insert(checkTags)
    .select(recordSet(checkTags, rows))
    .onConflictDoUpdate({ target: checkTags.checkId, set: { tags: sql`excluded.tags` } })
}
